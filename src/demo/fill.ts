import {
  type AccessParts,
  appointAdministrator,
  giveGrants,
  operatorRequest,
  registerApplication,
  registerOrganisation,
  setActivation,
  withdrawGrant,
} from '#access';
import { present, toInstant } from '#domain';
import { DEMO_OPERATOR, filling } from './entities.js';
import { fillIdporten } from './fill-idporten.js';
import { type DemoSide, fillMaskinporten } from './fill-maskinporten.js';
import { fillSystembruker } from './fill-systembruker.js';
import type { DemoWorld } from './world.js';

/**
 * Writes the world into the store; may be run again over one that was interrupted.
 * @param maskinporten absent: that side of it is left out, and those of ID-porten and of system users
 */
export async function fillDemoWorld(parts: AccessParts, world: DemoWorld, maskinporten?: DemoSide): Promise<void> {
  const request = operatorRequest();
  await Promise.all(world.organisations.map((organisation) => registerOrganisation(parts, request, organisation)));
  await Promise.all(world.applications.map((application) => registerApplication(parts, request, application)));
  await Promise.all(
    world.activations.map(({ appId, konsument: orgnr, active }) => setActivation(parts, request, { orgnr, appId }, { active }, 'any')),
  );
  const orders = world.grants.map(({ brukerIdent: person, appId, konsument, roles, from, until }) =>
    present({ appId, person, konsument, roles, from, until }),
  );
  await giveGrants(parts, request, orders);
  const withdrawn = world.grants.filter((grant) => grant.withdrawn === true);
  await Promise.all(
    withdrawn.map(({ appId, brukerIdent, konsument: orgnr }) =>
      withdrawGrant(parts, request, { orgnr, appId, brukerId: parts.vault.nameOf(brukerIdent) }, 'any', undefined),
    ),
  );
  // One organisation has several of them in one document.
  for (const { orgnr, brukerIdent, roles } of world.administrators)
    await appointAdministrator(parts, request, orgnr, brukerIdent, { roles });
  if (maskinporten !== undefined) {
    await fillMaskinporten({ ...parts, side: maskinporten.side }, world.maskinporten, maskinporten);
    await fillSystembruker(parts, world.systembruker, maskinporten.side.origin);
    await fillIdporten(parts, world.idporten, { clientId: 'demo-innlogging', orgnr: DEMO_OPERATOR, name: 'Demoinnlogging' });
  }
  const at = toInstant(parts.clock());
  await parts.store
    .collection(filling)
    .put({ name: 'demo-world', filledAt: at }, { expect: 'any', facts: { action: 'demo.fill', at, actor: 'operator' } });
}
