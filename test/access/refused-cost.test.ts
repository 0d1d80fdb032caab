import t from 'tap';
import {
  type AccessParts,
  type AdminRequest,
  activateBundle,
  appointAdministrator,
  approveComparison,
  type BundlePlace,
  changeApplication,
  changeSettings,
  compareGrants,
  deactivateBundle,
  demandComparison,
  listBundles,
  listKonsumenter,
  listPolicyKeys,
  operatorRequest,
  pushBundle,
  putPolicyKey,
  readApplication,
  readBinding,
  readBundleBytes,
  readBundleOf,
  readBundleStatus,
  readOffer,
  readSettings,
  readShadow,
  registerApplication,
  revokePolicyKey,
  rollBackBundle,
  setActivation,
  setShadow,
} from '#access';
import { type AppId, type Orgnr, toInstant } from '#domain';
import { ProblemError } from '#problem';
import { testKey } from '../fixtures/own-bundle.js';
import { ADA, APP, counted, konsumenter, LUNDBY, openWorld, orgnrs, persons, SANDVIK, TILBYDER, type World } from './world.js';

const UNKNOWN_APP = '7c0d6c1e-0000-4000-8000-00000000ffff' as AppId;
const DRAFT = '7c0d6c1e-0000-4000-8000-000000000002' as AppId;
/** Valid, and registered by nobody. */
const UNKNOWN = orgnrs.at(-1) as Orgnr;
const operator = operatorRequest();

interface Cost {
  readonly reads: number;
  readonly writes: number;
  readonly evaluations: number;
  readonly answer: string;
}

/** What a refused attempt costs, with how it is answered. */
async function costOf(world: World, attempt: (parts: AccessParts) => Promise<unknown>): Promise<Cost> {
  const { parts, taken } = counted(world);
  const answer = await attempt(parts).then(
    () => 'done',
    (error: unknown) => (error instanceof ProblemError ? error.slug : String(error)),
  );
  const { reads = 0, writes = 0, evaluations = 0 } = taken();
  return { reads, writes, evaluations, answer };
}

t.test('what is refused costs the same for what is unknown and for what is somebody else’s', async (t) => {
  const world = await openWorld(t);
  const roles = ['organisasjonsadministrator'] as const;
  const everybody = persons.slice(1, 40);
  for (const person of everybody) await appointAdministrator(world, operator, LUNDBY, person, { roles });
  await appointAdministrator(world, operator, TILBYDER, everybody[0] as typeof ADA, { roles });
  await appointAdministrator(world, operator, SANDVIK, ADA, { roles });
  await changeSettings(world, of(everybody[0] as typeof ADA), LUNDBY, 'any', () => ({ fourEyes: true, longestGrantDays: 3 }));
  const text = { nb: 'B' };
  const draft = {
    id: DRAFT,
    tilbyder: TILBYDER,
    name: text,
    description: text,
    url: 'https://b.example',
    state: 'draft',
    roles: ['use'],
  } as const;
  await registerApplication(world, operator, draft);

  function of(person: typeof ADA): AdminRequest {
    return {
      caller: { kind: 'person', brukerId: world.vault.nameOf(person), acr: 'idporten-loa-high', clientId: 'c', scopes: [] },
      requestId: 'r',
    };
  }
  const machine: AdminRequest = {
    caller: { kind: 'machine', consumer: SANDVIK, clientId: 'c', scopes: ['ks:fiks.tilbyder', 'ks:fiks.konsument'] },
    requestId: 'r',
  };
  const ada = of(ADA);
  const alike: Record<string, readonly ((parts: AccessParts) => Promise<unknown>)[]> = {
    'settings of an organisation': [UNKNOWN, LUNDBY].map((orgnr) => (parts) => readSettings(parts, ada, orgnr)),
    'settings, for a machine': [UNKNOWN, LUNDBY].map((orgnr) => (parts) => readSettings(parts, machine, orgnr)),
    'an application of an organisation': [
      [UNKNOWN, APP],
      [UNKNOWN, UNKNOWN_APP],
      [LUNDBY, APP],
      [LUNDBY, UNKNOWN_APP],
      [LUNDBY, DRAFT],
    ].map(
      ([orgnr, appId]) =>
        (parts) =>
          readOffer(parts, ada, { orgnr: orgnr as Orgnr, appId: appId as AppId }),
    ),
    'an application, in the own organisation': [UNKNOWN_APP, DRAFT].map(
      (appId) => (parts) => setActivation(parts, ada, { orgnr: SANDVIK, appId }, { active: true }, 'any'),
    ),
    'an application of a tilbyder': [UNKNOWN_APP, APP, DRAFT].map((appId) => (parts) => readApplication(parts, ada, appId)),
    'its konsumenter': [UNKNOWN_APP, APP, DRAFT].map((appId) => (parts) => listKonsumenter(parts, ada, appId, { limit: 5 })),
    'an application of a tilbyder, for a machine': [UNKNOWN_APP, APP, DRAFT].map(
      (appId) => (parts) => readApplication(parts, machine, appId),
    ),
    'a change of it': [UNKNOWN_APP, APP, DRAFT].map(
      (appId) => (parts) => changeApplication(parts, machine, appId, 'any', (application) => application),
    ),
  };
  for (const [name, attempts] of [...Object.entries(alike), ...(await bundleAttempts(world, [ada, machine]))]) {
    const costs = [];
    for (const attempt of attempts) costs.push(await costOf(world, attempt));
    const [first, ...others] = costs;
    t.match(first, { answer: /-not-found$/, evaluations: 1, writes: 1 }, name);
    t.ok((first?.reads ?? 0) > 0, 'reads are counted');
    t.same(
      others,
      others.map(() => first),
      name,
    );
  }
});

type Attempt = (parts: AccessParts) => Promise<unknown>;

/** Every act about bundles and keys, on what is unknown and on what is somebody else's and has both. */
async function bundleAttempts(world: World, callers: readonly AdminRequest[]): Promise<readonly (readonly [string, readonly Attempt[]])[]> {
  const jwk = testKey('k1').jwk;
  const key = { algorithm: 'ES256', jwk };
  await putPolicyKey(world, operator, TILBYDER, 'k1', key, 'any');
  await demandComparison(world, operator, { orgnr: TILBYDER, appId: APP }, 'approved', 'any');
  const bytes = Buffer.from('no bundle');
  const acts: Record<string, (parts: AccessParts, request: AdminRequest, place: BundlePlace) => Promise<unknown>> = {
    list: (...asked) => listBundles(...asked, { limit: 5 }),
    push: (...asked) => pushBundle(...asked, bytes),
    read: (...asked) => readBundleOf(...asked, '1'),
    bytes: (...asked) => readBundleBytes(...asked, '1'),
    binding: readBinding,
    activate: (...asked) => activateBundle(...asked, '1', 'any'),
    deactivate: (...asked) => deactivateBundle(...asked, 'any'),
    'roll back': (...asked) => rollBackBundle(...asked, '1', 'any', 'x'),
    status: readBundleStatus,
    compare: (...asked) => compareGrants(...asked, { revision: '1' }),
    approve: (...asked) => approveComparison(...asked, { revision: '1', at: toInstant(0) }, 'x'),
    demand: (...asked) => demandComparison(...asked, undefined, 'any'),
    shadow: (...asked) => setShadow(...asked, '1', 'any'),
    'read the shadow': readShadow,
  };
  const ofKeys: Record<string, (parts: AccessParts, request: AdminRequest, orgnr: Orgnr) => Promise<unknown>> = {
    'list keys': listPolicyKeys,
    'put a key': (...asked) => putPolicyKey(...asked, 'k1', key, 'any'),
    'revoke a key': (...asked) => revokePolicyKey(...asked, 'k1', 'any'),
  };
  const apps = [UNKNOWN_APP, APP, DRAFT];
  const elsewhere = [UNKNOWN, TILBYDER, LUNDBY].flatMap((orgnr) => apps.map((appId) => ({ orgnr, appId })));
  return callers.flatMap((request) => {
    const who = request.caller.kind;
    return [
      ...Object.entries(acts).flatMap(([name, act]) => [
        [
          `${name}, elsewhere, for a ${who}`,
          elsewhere.map(
            (place): Attempt =>
              (parts) =>
                act(parts, request, place),
          ),
        ] as const,
        [
          `${name}, at home, for a ${who}`,
          apps.map(
            (appId): Attempt =>
              (parts) =>
                act(parts, request, { orgnr: SANDVIK, appId }),
          ),
        ] as const,
      ]),
      ...Object.entries(ofKeys).map(
        ([name, act]) =>
          [
            `${name} for a ${who}`,
            [UNKNOWN, TILBYDER, LUNDBY].map(
              (orgnr): Attempt =>
                (parts) =>
                  act(parts, request, orgnr),
            ),
          ] as const,
      ),
    ];
  });
}

t.test('leave carries what was read for it: nothing is read again', async (t) => {
  const world = await openWorld(t);
  await appointAdministrator(world, operator, SANDVIK, ADA, { roles: ['organisasjonsadministrator'] });
  const caller = { kind: 'person', brukerId: world.vault.nameOf(ADA), acr: 'Level4', clientId: 'c', scopes: [] } as const;
  const ada: AdminRequest = { caller, requestId: 'r' };
  const place = { orgnr: SANDVIK, appId: APP };
  const keys = 5;
  t.match(await costOf(world, (parts) => readSettings(parts, ada, SANDVIK)), { answer: 'done', evaluations: 1, reads: 1 + 3 });
  t.match(await costOf(world, (parts) => readOffer(parts, ada, place)), { answer: 'done', evaluations: 1, reads: 1 + keys });
  const off = await costOf(world, (parts) => setActivation(parts, ada, place, { active: false }, 'any'));
  t.match(off, { answer: 'done', evaluations: 1, reads: 1 + keys, writes: 1 });
  const settings = await costOf(world, (parts) => changeSettings(parts, ada, SANDVIK, 'any', () => ({ fourEyes: true })));
  t.match(settings, { answer: 'done', evaluations: 2, reads: 1 + 3, writes: 1 }, 'leave, then what is asked for');
  t.ok(konsumenter.includes(SANDVIK));
});
