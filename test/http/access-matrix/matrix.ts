import t, { type Test } from 'tap';
import { present } from '#domain';
import { machineClaims } from '#maskinporten';
import { type DescribedApi, type DescribedOperation, describedApis, type PathIds, readDescription } from '../../fixtures/described-apis.js';
import { type Answer, type AnyHolder, answerTo, type RunningGateway, runGateway } from '../../fixtures/gateway.js';

/** Requests that are under way at once: an answer often waits for the disk. */
const AT_ONCE = 16;

/** One who asks and is to get nothing, whatever the path's ids; `statuses` are the ways to be told so. */
interface Refused {
  readonly who: string;
  /** The whole Authorization header; `undefined` sends none. */
  readonly authorization: string | undefined;
  readonly statuses: readonly number[];
  /** Whether an operation that is for everybody answers this one. */
  readonly isSomebody?: true;
  readonly ownsForeign?: true;
}

const bearer = async ({ tokenOf }: RunningGateway, holder: AnyHolder): Promise<string> => `Bearer ${await tokenOf(holder)}`;

/** By whose description; lists of persons are a konsument's in AuthZEN too. */
const SCOPES_OF_OTHERS: readonly (readonly [descriptions: RegExp, scopes: readonly string[]])[] = [
  [/xacml|authzen|opa/, ['ks:fiks.tilbyder', 'altinn:authentication/systemregister.write']],
  [/lookup/, ['ks:fiks', 'idporten:scopes.write', 'altinn:authentication/systemregister.write']],
  [/systembruker/, ['ks:fiks', 'idporten:scopes.write', 'altinn:maskinporten/systemuser.read']],
  [/idporten\/krr/, ['ks:fiks', 'global/idporten.authlevel.read', 'krr:user/kontaktinformasjon.read']],
  [/authlevel/, ['ks:fiks', 'krr:global/kontaktinformasjon.read']],
  [/tilgang\/openapi/, ['ks:fiks.tilbyder', 'ks:fiks.konsument']],
  [/tilbyder|policy/, ['ks:fiks', 'ks:fiks.konsument']],
];

/** The machine of the right organisation, with every scope of the others' APIs but none of this one. */
async function withOtherScopes({ world, keys, origin }: RunningGateway, api: DescribedApi): Promise<string> {
  const client = world.clients.find(({ id }) => id === api.machine);
  if (client === undefined) throw new TypeError(`the demo world has no ${api.machine}`);
  const others = SCOPES_OF_OTHERS.find(([descriptions]) => descriptions.test(api.description))?.[1] ?? ['ks:fiks', 'ks:fiks.tilbyder'];
  const claims = machineClaims({ issuer: `${origin}/maskinporten/`, audience: origin, client, scopes: others });
  return `Bearer ${await keys.sign(claims, { expiresInSeconds: 3600, now: Date.now() })}`;
}

async function refusedBy(gateway: RunningGateway, api: DescribedApi): Promise<readonly Refused[]> {
  const withoutRole = gateway.world.persons.find(({ expected }) => expected.every(({ orgnr }) => orgnr.length === 0));
  if (withoutRole === undefined) throw new TypeError('everybody in the demo world has a role');
  const somebody = { statuses: [403, 404], isSomebody: true } as const;
  return [
    { who: 'nobody', authorization: undefined, statuses: [401] },
    { who: 'one with a garbage token', authorization: 'Bearer garbage', statuses: [401] },
    { who: 'a machine with the wrong scope', authorization: await bearer(gateway, { client: 'uten-scope' }), statuses: [403] },
    { who: 'the own machine with the scopes of the other APIs', authorization: await withOtherScopes(gateway, api), statuses: [403] },
    { who: 'a foreign machine', authorization: await bearer(gateway, { client: 'fremmed' }), ...somebody },
    { who: 'a person without any role', authorization: await bearer(gateway, { person: withoutRole.id }), ...somebody },
    ...(await Promise.all(
      api.strangers.map(async ({ person, ...more }) => ({
        who: person,
        ...more,
        authorization: await bearer(gateway, { person }),
        ...somebody,
      })),
    )),
  ];
}

interface Path {
  /** Which parameter varies, and how. */
  readonly varied: string;
  readonly kind: string;
  readonly path: string;
}

/** The path with its own ids, and with one parameter, or all of them, foreign, unknown or malformed. */
function pathsOf(
  { ids, queries }: DescribedApi,
  { path: template, operationId }: DescribedOperation,
): { readonly own: string; readonly others: readonly Path[] } {
  const path = template + (queries[operationId] ?? '');
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name as string);
  const idsOf = (name: string): PathIds => {
    const found = ids[name];
    if (found === undefined) throw new TypeError(`the table has no ids for {${name}} of ${operationId}`);
    return found;
  };
  const filled = (valueOf: (name: string) => string): string => path.replace(/\{([^}]+)\}/g, (_, name: string) => valueOf(name));
  const longest = Math.max(0, ...names.map((name) => idsOf(name).malformed.length));
  const kinds: [string, (name: string) => string][] = [
    ['foreign', (name) => idsOf(name).foreign],
    ['unknown', (name) => idsOf(name).unknown],
    ...Array.from({ length: longest }, (_, i): [string, (name: string) => string] => [
      `malformed ${i}`,
      (name) => idsOf(name).malformed[i % idsOf(name).malformed.length] as string,
    ]),
  ];
  const sets: [string, readonly string[]][] = names.map((name) => [name, [name]]);
  if (names.length > 1) sets.push(['all', names]);
  const others = sets.flatMap(([varied, changed]) =>
    kinds.map(([kind, valueOf]) => ({
      varied,
      kind,
      path: filled((name) => (changed.includes(name) ? valueOf(name) : idsOf(name).own)),
    })),
  );
  return { own: filled((name) => idsOf(name).own), others };
}

function ask(
  { origin }: RunningGateway,
  path: string,
  { method, body }: DescribedOperation,
  authorization: string | undefined,
): Promise<Answer> {
  const headers = { ...present({ Authorization: authorization, 'Content-Type': body?.type }), 'If-Match': '*' };
  return answerTo(`${origin}${path}`, method, headers, body?.text);
}

/** All that an answer tells, without what belongs to the one request and without the id that was asked for. */
function told({ status, headers, json, text }: Answer, path: string): string {
  const { requestId: _, correlation_id: __, timestamp: ___, ...rest } = json ?? { text };
  const answer = JSON.stringify([status, headers.get('content-type'), headers.get('www-authenticate'), headers.get('etag'), rest]).replace(
    /"(batch_)?decision_id":"[^"]*"/g,
    '',
  );
  return path
    .split(/[/?]/)
    .filter((part) => part.length > 8 && /[0-9A-Z]/.test(part))
    .reduce((masked, id) => masked.replaceAll(`"${decodeURIComponent(id)}"`, '"<id>"'), answer);
}

function faultOf({ problemType }: DescribedApi, { status, headers }: Answer, statuses: readonly number[]): string {
  if (!statuses.includes(status)) return `${status} instead of ${statuses.join(' or ')}`;
  if (headers.get('content-type') !== problemType) return `${status} as ${headers.get('content-type')}`;
  if (status === 401 && !/^Bearer\b/.test(headers.get('www-authenticate') ?? '')) return '401 without WWW-Authenticate';
  return '';
}

/** Gives what `give` gives for each of them, in their order, some of them at once. */
async function eachAtOnce<T, R>(all: readonly T[], give: (one: T) => Promise<R>): Promise<readonly R[]> {
  const given: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < all.length) {
      const i = next;
      next += 1;
      given[i] = await give(all[i] as T);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return given;
}

/** Asks for each path, as one holder; the answers in the order of the paths. */
function askAll(
  gateway: RunningGateway,
  base: string,
  paths: readonly string[],
  operation: DescribedOperation,
  authorization: string | undefined,
): Promise<readonly Answer[]> {
  return eachAtOnce(paths, (path) => ask(gateway, `${base}${path}`, operation, authorization));
}

const unknownAs = (api: DescribedApi, { operationId }: DescribedOperation): readonly number[] => {
  const status = api.unknownAs[operationId];
  return status === undefined ? [] : [status];
};

/** What is wrong with the answers to one who may not: they must be the same whatever the ids name. */
async function faultsForRefused(
  gateway: RunningGateway,
  api: DescribedApi,
  operation: DescribedOperation,
  { authorization, statuses: usual, isSomebody, ownsForeign }: Refused,
): Promise<readonly string[]> {
  const { base } = readDescription(api);
  const statuses = isSomebody === true ? [...usual, ...unknownAs(api, operation)] : usual;
  const { own, others } = pathsOf(api, operation);
  const tried = others.filter(({ kind }) => kind !== 'foreign' || !ownsForeign);
  // For somebody else, the holder's own ids are foreign ones: with them the answers must be the same, too.
  const [asOwn, ...answers] = await askAll(gateway, base, [own, ...tried.map(({ path }) => path)], operation, authorization);
  if (asOwn === undefined) return ['nothing was asked'];
  const ofOwn = faultOf(api, asOwn, statuses);
  return [
    ...(ofOwn === '' ? [] : [`own: ${ofOwn}`]),
    ...tried.flatMap(({ varied, kind, path }, i) => {
      const answer = answers[i] as Answer;
      const fault =
        faultOf(api, answer, statuses) ||
        (told(answer, path) === told(asOwn, own) ? '' : `${told(answer, path)} but ${told(asOwn, own)} for own`);
      return fault === '' ? [] : [`${varied} ${kind}: ${fault}`];
    }),
  ];
}

/** And for the one who may use the API, but not that which these ids name. */
async function faultsForHolder(
  gateway: RunningGateway,
  api: DescribedApi,
  operation: DescribedOperation,
  holder: string,
): Promise<readonly string[]> {
  const { others } = pathsOf(api, operation);
  const paths = others.map(({ path }) => path);
  const answers = await askAll(gateway, readDescription(api).base, paths, operation, holder);
  const first = new Map<string, string>();
  return others.flatMap(({ varied, kind, path }, i) => {
    const answer = answers[i] as Answer;
    // It makes what is not there, if it is named well, or ends what was made so.
    if (api.makesWhatItNames[operation.operationId] === varied && [200, 204].includes(answer.status)) return [];
    const isForm = kind.startsWith('malformed') && api.refusesForm[operation.operationId] === varied;
    if (isForm) return answer.status === 400 ? [] : [`${varied} ${kind}: ${answer.status} instead of 400`];
    const apart = [api.tellsApart[operation.operationId]].find((one) => one?.parameter === varied);
    const due = apart && (kind === 'foreign' ? apart.foreign : apart.unknown);
    // That nothing is left to delete is no fault, and nobody known has nothing.
    const isTold = varied === api.tellsOfNothing[operation.operationId];
    const isGone = operation.method === 'DELETE' && [200, 204].includes(answer.status);
    const isNothing = (varied === 'brukerId' && isGone) || (isTold && answer.status === 200) || (due === 200 && answer.status === 200);
    const like =
      apart !== undefined && kind === 'foreign'
        ? `${varied} of another`
        : isTold
          ? `${varied} ${kind.replace(/ .*/, '').replace('unknown', 'foreign')}`
          : varied;
    const expected = first.get(like) ?? told(answer, path);
    first.set(like, expected);
    const fault =
      (isNothing ? '' : faultOf(api, answer, due === undefined ? [403, 404, ...unknownAs(api, operation)] : [due])) ||
      (told(answer, path) === expected ? '' : `${told(answer, path)} but ${expected} for the first`);
    return fault === '' ? [] : [`${varied} ${kind}: ${fault}`];
  });
}

/** Asserts that the table names only operations that there are, and answers those that need a token. */
function guardedOperations(t: Test, api: DescribedApi): readonly DescribedOperation[] {
  const { operations } = readDescription(api);
  const guarded = operations.filter(({ isOpen, operationId }) => !isOpen && !api.ofTwoTokens.includes(operationId));
  const open = operations.filter(({ isOpen }) => isOpen).map(({ operationId }) => operationId);
  t.comment(`left out, for they need no token: ${open.join(', ') || 'none'}`);
  t.ok(guarded.length > 0, 'some need a token');
  const known = new Set(operations.map(({ operationId }) => operationId));
  const { forEverybody, neverForHolder, tellsOfNothing, tellsApart, unknownAs, ofTwoTokens, queries, makesWhatItNames, refusesForm } = api;
  t.same(
    [
      ...forEverybody,
      ...neverForHolder,
      ...ofTwoTokens,
      ...Object.keys({ ...tellsOfNothing, ...tellsApart, ...unknownAs, ...queries, ...makesWhatItNames, ...refusesForm }),
    ].filter((operationId) => !known.has(operationId)),
    [],
    'the table names only operations that there are',
  );
  return guarded;
}

/** Tries every operation of an API of the table with everybody who may not, with all sorts of ids, and then with its holder. */
export function tryAccess(name: keyof typeof describedApis): void {
  t.setTimeout(300_000);
  t.test(`${name}: who may not is told no more of what exists than of what does not`, async (t) => {
    const gateway = await runGateway(t, { lookUpsPerMinute: 1e6, refusalsPerMinute: 1e6 });
    const api = await (describedApis[name] as (typeof describedApis)[string])(gateway);
    const guarded = guardedOperations(t, api);
    const holder = await bearer(gateway, api.holder);
    const refused = await refusedBy(gateway, api);
    for (const operation of guarded) {
      const { operationId } = operation;
      for (const one of refused.filter(({ isSomebody }) => !isSomebody || !api.forEverybody.includes(operationId))) {
        t.same(await faultsForRefused(gateway, api, operation, one), [], `${operationId} as ${one.who}`);
      }
      t.same(await faultsForHolder(gateway, api, operation, holder), [], `${operationId} as its holder, about what is not the holder's`);
    }

    await t.test('the same requests with a good token and own ids get through', async (t) => {
      // The deepest first, since what is above may change or delete it; and all that deletes comes last.
      const rank = ({ method, path }: DescribedOperation): number => (method === 'DELETE' ? 1000 : 0) - path.length;
      for (const operation of [...guarded].sort((a, b) => rank(a) - rank(b))) {
        const { status } = await ask(gateway, `${readDescription(api).base}${pathsOf(api, operation).own}`, operation, holder);
        const { operationId } = operation;
        if (api.neverForHolder.includes(operationId)) t.equal(status, 403, `${operationId} answers ${status}`);
        else t.notOk([401, 403, 404, 405].includes(status) || status >= 500, `${operationId} answers ${status}`);
      }
    });
  });
}
