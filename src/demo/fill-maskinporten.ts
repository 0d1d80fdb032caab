import { operatorRequest } from '#access';
import { present } from '#domain';
import {
  createClient,
  createScope,
  giveDelegation,
  grantAccess,
  handOutPrefix,
  keysOf,
  ownSource,
  type SideParts,
  signTerms,
} from '#maskinporten';
import { ProblemError, type ProblemSlug } from '#problem';
import type { PublicClientKey } from '#tokens';
import type { DemoMaskinporten } from './maskinporten-world.js';

/** What the Maskinporten side of a demo is filled by, beside what stands in the world. */
export interface DemoSide {
  readonly side: SideParts['side'];
  /** What all machines of the demo sign with; it may still be in the making. */
  readonly key: Promise<Pick<PublicClientKey, 'jwk'>>;
}

/** Writes the Maskinporten side into the store, through the use cases; may be run again over one that was interrupted. */
export async function fillMaskinporten(parts: SideParts, world: DemoMaskinporten, { key }: Pick<DemoSide, 'key'>): Promise<void> {
  const request = operatorRequest();
  const source = ownSource(parts.side.origin).issuer;
  await Promise.all([
    ...world.prefixes.map((one) => handOutPrefix(parts, request, one)),
    ...world.signed.map((orgnr) => signTerms(parts, request, orgnr)),
  ]);
  await Promise.all(
    world.scopes.map(({ name, delegated, ...terms }) => {
      const [prefix = '', subscope = ''] = name.split(':');
      const delegationSource = delegated === true ? source : undefined;
      return unlessThere('scope-exists', createScope(parts, request, present({ prefix, subscope, ...terms, delegationSource })));
    }),
  );
  await Promise.all([
    ...world.accesses.map((one) => grantAccess(parts, request, one)),
    ...world.delegations.map((one) => giveDelegation(parts, request, one)),
  ]);
  await Promise.all(
    world.logins.map((client) => {
      const sent = { integrationType: 'api_klient' as const, applicationType: 'native' as const, ...client };
      return unlessThere('client-exists', createClient(parts, request, sent));
    }),
  );
  const { jwk } = await key;
  await Promise.all(
    world.clients.map((client) => {
      const sent = { ...client, integrationType: 'maskinporten' as const };
      return unlessThere('client-exists', createClient(parts, request, sent, { keys: (at) => keysOf([{ ...jwk }], at) }));
    }),
  );
}

async function unlessThere(slug: ProblemSlug, made: Promise<unknown>): Promise<void> {
  await made.catch((error: unknown) => {
    if (!(error instanceof ProblemError && error.slug === slug)) throw error;
  });
}
