import { generateKeyPairSync, randomUUID } from 'node:crypto';
import t from 'tap';
import { appointAdministrator, operatorRequest } from '#access';
import type { DemoPerson } from '#demo';
import { type AdminRole, type Orgnr, toInstant } from '#domain';
import { idportenName, personClaims } from '#idporten';
import { createScope, grantAccess, handOutPrefix, signTerms } from '#maskinporten';
import { clients } from '#maskinporten/entities';
import { approveRequest, makeOwnSystem, type PackageName, type ResourceId } from '#systembruker';
import { clientRelations, relationKey, systems, systemUsers } from '#systembruker/entities';
import { breakOff } from '../../fixtures/broken-off.js';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, runGateway } from '../../fixtures/gateway.js';
import { hiddenFields, logIn, UserAgent } from '../../fixtures/idporten.js';
import { CUSTOMER, OTHER_VENDOR, systemUserWorld } from '../../fixtures/system-pages.js';
import { JWT_BEARER, signed } from '../maskinporten/token-world.js';

const described = readAnswerDescription('src/http/systembruker/users/openapi.yaml');
const gateway = await runGateway(t, { systemsPerVendor: 2, refusalsPerMinute: 1e6 });
const world = await systemUserWorld(t, gateway);
const { manager, employee, parts } = world;
const { origin, keys } = gateway;
const at = (path = ''): string => `${origin}/systembruker/${CUSTOMER}${path}`;
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = (key: typeof pem.publicKey) => ({ ...key.export({ format: 'jwk' }), use: 'sig' });
const publicPem = pem.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const loggedIn = async (person: DemoPerson): Promise<UserAgent> => {
  const agent = new UserAgent(origin);
  await logIn(agent, `${origin}/systembruker`, person, { acr: 'idporten-loa-substantial' });
  return agent;
};
const token = (person: DemoPerson): Promise<string> => {
  const pid = person.brukerIdent;
  const scopes = ['openid', 'altinn:portal/enduser'];
  const claims = { issuer: idportenName(origin), audience: origin, pid, clientId: 'portal', acr: 'idporten-loa-substantial', scopes };
  return keys.sign(personClaims(claims), { expiresInSeconds: 600, now: Date.now() });
};
const right = (value: string): object => ({ resource: [{ id: 'urn:altinn:resource', value }] });
const make = async (more: object = {}, person = manager): Promise<Answer> =>
  gateway.get(`/authentication/api/v1/systemuser/${CUSTOMER}/own`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await token(person)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Vårt lager', rights: [right('mva')], jwk: jwkOf(pem.publicKey), ...more }),
  });
/** How many clients, systems and system users the customer has. */
const counts = async (): Promise<readonly number[]> => {
  const of = async (entity: typeof clients | typeof systems | typeof systemUsers, isOwn: (value: never) => boolean): Promise<number> => {
    const { items } = await parts.store.collection(entity as typeof systems).query({ limit: 200 });
    return items.filter(({ value }) => isOwn(value as never)).length;
  };
  return [
    await of(clients, ({ orgnr }: { orgnr: string }) => orgnr === CUSTOMER),
    await of(systems, ({ vendor }: { vendor: string }) => vendor === CUSTOMER),
    await of(systemUsers, ({ party, vendor }: { party: string; vendor: string }) => party === CUSTOMER && vendor === CUSTOMER),
  ];
};
const operator = { caller: { kind: 'operator' as const } };
/** What a token of the client says of its system user. */
async function tokenOf(own: Answer['json']): Promise<Record<string, unknown>> {
  const iat = Math.floor(Date.now() / 1000);
  const assertion = signed(
    { alg: 'RS256', kid: own.kid },
    {
      iss: own.clientId,
      aud: own.issuer,
      scope: 'lager:les',
      iat,
      exp: iat + 100,
      jti: randomUUID(),
      authorization_details: own.authorizationDetails,
    },
    pem.privateKey,
  );
  const answer = await fetch(`${own.issuer}token`, { method: 'POST', body: new URLSearchParams({ grant_type: JWT_BEARER, assertion }) });
  const json = (await answer.json()) as { readonly access_token?: string };
  if (json.access_token === undefined) throw new Error(JSON.stringify(json));
  return JSON.parse(Buffer.from(json.access_token.split('.')[1] as string, 'base64url').toString()).authorization_details[0];
}
const agent = await loggedIn(manager);

t.test('before the terms of use are signed nothing is made, and the page says who can sign them', async (t) => {
  const page = await agent.get(at('/eget'));
  t.match(page.text, /Bruksvilkårene for Maskinporten er ikke signert.*organisasjonsadministrator/s);
  t.notMatch(page.text, /<textarea/);
  t.equal((await make()).json.type, '/problems/terms-unsigned');
  t.same(await counts(), [0, 0, 0]);
  await signTerms(parts, { ...operator, orgnr: CUSTOMER });
  await handOutPrefix(parts, operator, { prefix: 'lager', owner: OTHER_VENDOR });
  for (const subscope of ['les', 'skriv']) await createScope(parts, operator, { prefix: 'lager', subscope, description: 'Lager' });
  await grantAccess(parts, operator, { scope: 'lager:les', consumer: CUSTOMER });
});

t.test(
  'one request makes client, system and system user; the same again makes nothing more, also if it comes many times at once',
  async (t) => {
    const answers = await Promise.all([make(), make(), make()]);
    for (const made of answers) t.equal(made.status, 200, made.text);
    const made = answers[0] as Answer;
    t.equal(described.faultsOf('makeOwnSystem', made), '');
    t.equal(new Set(answers.map(({ json }) => `${json.clientId} ${json.systemId} ${json.systemUser.id}`)).size, 1);
    t.match(made.json, {
      externalRef: CUSTOMER,
      issuer: `${origin}/maskinporten/`,
      systemUser: { integrationTitle: 'Vårt lager', supplierOrgno: CUSTOMER, reporteeOrgNo: CUSTOMER, rights: [right('mva')] },
    });
    t.same(await counts(), [1, 1, 1]);
    const client = (await parts.store.collection(clients).get(made.json.clientId))?.value;
    t.match(client, { orgnr: CUSTOMER, active: true, keys: [{ kid: made.json.kid }] });
    t.match((await parts.store.collection(systems).get(made.json.systemId))?.value, { clientIds: [made.json.clientId], isVisible: false });
  },
);

t.test('a walk that broke off goes on where it ended', async (t) => {
  const { json } = await make();
  const { systemUser, systemId } = json;
  await parts.store
    .collection(systemUsers)
    .remove(systemUser.id, { expect: 'any', facts: { action: 'test', at: world.at, actor: 'operator' } });
  const again = await make();
  t.match(again.json, { systemId, clientId: json.clientId }, again.text);
  t.not(again.json.systemUser.id, systemUser.id);
  t.same(await counts(), [1, 1, 1]);
});

t.test('wherever the walk is broken off, the same again finishes it, and nothing is there twice', async (t) => {
  const isMade = async (): Promise<readonly number[]> => counts();
  const before = await isMade();
  const acr = 'idporten-loa-substantial';
  const asManager = { caller: { kind: 'citizen' as const, brukerId: parts.vault.nameOf(manager.brukerIdent), acr }, orgnr: CUSTOMER };
  const has = { rights: [{ resources: ['mva' as ResourceId] }], packages: [] };
  const wish = { name: 'Avbrutt', jwk: jwkOf(pem.publicKey), scopes: ['lager:les'], ...has };
  let tries = 0;
  for (let isBroken = true; isBroken; tries += 1) {
    // As for a process that is killed after so many writes.
    const mend = breakOff(parts.store, tries);
    const problem = await makeOwnSystem(parts, asManager, wish).then(
      () => undefined,
      (error: unknown) => error,
    );
    isBroken = await mend();
    t.match(problem, isBroken ? { slug: 'store-unavailable' } : undefined);
    if (tries > 10) return t.fail('it does not come to an end');
    if (isBroken) t.ok((await isMade()).every((count, i) => count - (before[i] as number) <= 1));
  }
  t.ok(tries > 3, 'it writes more than once');
  t.same(
    await isMade(),
    before.map((count) => count + 1),
  );
  const { json } = await make({ name: 'Avbrutt', scopes: ['lager:les'] });
  t.equal((await tokenOf(json)).system_id, json.systemId);
  const { id } = json.systemUser;
  const facts = { action: 'test', at: world.at, actor: 'operator' };
  await parts.store.collection(systems).remove(json.systemId, { expect: 'any', facts });
  await parts.store.collection(clients).remove(json.clientId, { expect: 'any', facts });
  await parts.store.collection(systemUsers).remove(id, { expect: 'any', facts });
  t.same(await isMade(), before);
});

t.test('the program of an own system fetches its token, and later one with scopes that somebody of the business has added', async (t) => {
  const { json } = await make();
  const add = async (scopes: readonly string[], person = manager, id = json.systemUser.id): Promise<Answer> =>
    gateway.get(`/authentication/api/v1/systemuser/${CUSTOMER}/${id}/scopes`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await token(person)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ scopes }),
    });
  await t.rejects(tokenOf(json), /MP-200/);
  t.equal((await add(['lager:skriv'])).status, 403, 'not granted');
  t.equal((await add(['lager:les'], employee)).status, 403, 'by whoever may answer requests');
  const added = await add(['lager:les']);
  t.equal(described.faultsOf('addOwnScopes', added), '');
  t.match(added.json, { clientId: json.clientId, scopes: ['lager:les'] }, added.text);
  t.equal((await add(['lager:les'])).status, 200, 'again it is no change');
  t.match(await tokenOf(json), { type: 'urn:altinn:systemuser', systemuser_id: [json.systemUser.id], system_id: json.systemId });
  t.equal((await add(['lager:les'], manager, randomUUID())).status, 404);
  const foreign = await world.ask();
  await approveRequest(
    parts,
    { caller: { kind: 'citizen', brukerId: parts.vault.nameOf(manager.brukerIdent), acr: 'idporten-loa-substantial' } },
    { id: foreign },
  );
  t.equal((await add(['lager:les'], manager, foreign)).status, 400, 'a vendor’s clients are the vendor’s');
});

t.test('what stands in the way is told before anything is made: rights, scopes, keys, and how many systems there may be', async (t) => {
  const refused = await make({ name: 'To', rights: [right('mva'), right('lonn')] });
  t.equal(refused.status, 403);
  t.match(refused.json, { code: 'AUTH-00016', NotDelegableRights: 'lonn' });
  t.equal((await make({ name: 'To', rights: [] })).json.code, 'AUTH-00059');
  t.equal((await make({ name: 'To', scopes: ['skatt:hemmelig'] })).status, 403);
  await agent.get(at('/eget'));
  const unknown = { navn: 'To', tjeneste: 'mva', scopes: 'skatt:hemmelig', nokkel: publicPem };
  t.match((await agent.post(at('/eget'), unknown)).text, /Skriv bare scopes/);
  t.equal((await make({ name: 'To' }, employee)).status, 403);
  const secret = pem.privateKey.export({ format: 'jwk' });
  const leaked = await make({ name: 'To', jwk: { ...secret, use: 'sig' } });
  t.equal(leaked.status, 400);
  t.match(leaked.text, /private key/);
  t.notMatch(leaked.text + gateway.lines.join(''), secret.d as string, 'threat 6: it is neither sent back nor logged');
  t.same(await counts(), [1, 1, 1]);
  t.equal((await make({ name: 'To' })).status, 200);
  const full = await make({ name: 'Tre' });
  t.equal(full.json.type, '/problems/quota-reached', full.text);
  t.same(await counts(), [2, 2, 2], 'no client is left of it');
});

t.test(
  'the page: what is ticked outlives a search, a private key is refused and not shown, and what the program needs is told',
  async (t) => {
    const form = { navn: 'Vårt lager', tjeneste: 'mva', scopes: '', nokkel: publicPem };
    await agent.get(at('/eget'));
    const found = await agent.post(at('/eget'), { ...form, q: 'årsregn', sok: 'ja' });
    t.match(found.text, /value="arsregnskap"/);
    t.match(found.text, /<input[^>]*checked=""[^>]*value="mva"|value="mva"[^>]*checked=""/);
    t.notMatch(found.text, /value="lonn"/);
    const secret = pem.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const leaked = await agent.post(at('/eget'), { ...form, nokkel: secret });
    t.equal(leaked.status, 422);
    t.match(leaked.text, /Dette er en privat nøkkel/);
    t.notMatch(leaked.text, secret.split('\n')[1] as string);
    t.match((await agent.post(at('/eget'), { ...form, tjeneste: 'lonn' })).text, /Lønnsoppgaver: Bare en organisasjonsadministrator/);
    t.match((await agent.post(at('/eget'), { ...form, navn: 'Tre' })).text, /Ingenting er laget/);
    t.equal((await agent.post(at('/eget'), { ...form, navn: '', tjeneste: 'mva' })).status, 422);
    const done = await agent.post(at('/eget'), form);
    t.equal(done.status, 200, done.text);
    const { clientId, systemId, kid } = (await make()).json;
    const read = done.text.replaceAll('&quot;', '"');
    for (const told of [clientId, systemId, kid, `--system-user ${CUSTOMER}`, `"ID": "0192:${CUSTOMER}"`, `${origin}/maskinporten/token`])
      t.ok(read.includes(told), told);
    t.same(await counts(), [2, 2, 2], 'the page and the API make the same');
    t.match(done.text, /Scopes klienten har.*lager:les/s);
    t.match(await agent.post(done.url.href, { scopes: 'lager:skriv' }), { status: 422, text: /Skriv bare scopes/ });
    t.match(await agent.post(done.url.href, { scopes: ' ' }), { status: 422 });
    const added = await agent.post(done.url.href, { scopes: 'lager:les' });
    t.match(added.text, /Scopene er lagt til.*Scopes klienten har.*lager:les/s);
  },
);

t.test('a client gives another organisation packages on the page, changes them and takes them back', async (t) => {
  const stored = async () =>
    (await parts.store.collection(clientRelations).query({ limit: 200 })).items
      .map(({ value }) => value)
      .filter(({ client }) => client === CUSTOMER);
  t.match((await agent.get(at('/gitt'))).text, /Ingen har fått pakker av dere/);
  t.equal((await agent.post(at('/gitt'), { mottaker: CUSTOMER, pakke: 'regnskapsforer-lonn' })).status, 422, 'not to itself');
  t.match((await agent.post(at('/gitt'), { mottaker: OTHER_VENDOR })).text, /Kryss av for minst én pakke/);
  const given = await agent.post(at('/gitt'), { mottaker: OTHER_VENDOR, pakke: 'regnskapsforer-lonn' });
  t.match(given.text, /Pakkene er gitt.*Nye Tall AS.*Regnskapsfører lønn/s);
  t.match(await stored(), [{ provider: OTHER_VENDOR, client: CUSTOMER, source: 'given', packages: ['regnskapsforer-lonn'] }]);
  t.match((await agent.get(at(`/gitt?endre=${OTHER_VENDOR}`))).text, /Det Nye Tall AS skal ha/);
  const taken = await agent.post(at(`/gitt?endre=${OTHER_VENDOR}`), { 'ta-tilbake': OTHER_VENDOR });
  t.match(taken.text, /Pakkene er tatt tilbake/);
  t.same(await stored(), []);
});

t.test(
  'what was given until a day ends then, however its packages are changed on the page, and wherever in the list it stands',
  async (t) => {
    const relations = parts.store.collection(clientRelations);
    const [package_, moment, until] = ['regnskapsforer-lonn' as PackageName, toInstant(0), toInstant(Date.now() + 1e9)];
    const facts = { action: 'test', at: moment, actor: 'operator' };
    const common = {
      client: CUSTOMER,
      source: 'given' as const,
      packages: [package_],
      since: { [package_]: moment },
      created: moment,
      updated: moment,
    };
    const others = Array.from({ length: 50 }, (_, i) => `1000000${String(i).padStart(2, '0')}` as Orgnr);
    for (const provider of others) await relations.put({ provider, ...common }, { expect: 'absent', facts });
    await relations.put({ provider: OTHER_VENDOR, ...common, until }, { expect: 'absent', facts });

    const more = /href="([^"]*flere=[^"#]*)"/.exec((await agent.get(at('/gitt'))).text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await agent.get(`${origin}${more}`);
    const change = /href="([^"]*endre=[^"#]*)#gi"/.exec(second.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const page = await agent.get(`${origin}${change}`);
    t.match(page.text, /Det Nye Tall AS skal ha/);
    const none = await agent.post(page.url, hiddenFields(page.text));
    t.match(none, { status: 422, text: /Kryss av for minst én pakke.*Det Nye Tall AS skal ha/s });
    t.equal((await agent.post(none.url, { ...hiddenFields(none.text), pakke: 'regnskapsforer-lonn' })).status, 200);
    t.equal((await relations.get(relationKey(OTHER_VENDOR, CUSTOMER, 'given')))?.value.until, until);
    for (const provider of [...others, OTHER_VENDOR])
      await relations.remove(relationKey(provider, CUSTOMER, 'given'), { expect: 'any', facts });
  },
);

t.test('a klientadministrator alone sees the agents and their clients, and nothing else', async (t) => {
  const roles: readonly AdminRole[] = ['klientadministrator'];
  await appointAdministrator(parts, operatorRequest(), CUSTOMER, employee.brukerIdent, { roles });
  const id = await world.ask({ type: 'agent' });
  const caller = { kind: 'citizen' as const, brukerId: parts.vault.nameOf(manager.brukerIdent), acr: 'idporten-loa-substantial' };
  await approveRequest(parts, { caller }, { id });
  const waiting = await world.ask();
  const keeper = await loggedIn(employee);
  const page = await keeper.get(at());
  t.match(page.text, new RegExp(`href="/systembruker/${CUSTOMER}/${id}/klienter"`));
  t.notMatch(page.text, new RegExp(`Vårt lager|Venter på svar|${waiting}|Lag ny systemtilgang|/eget|/gitt`));
  t.equal((await keeper.get(at(`/${id}/klienter`))).status, 200);
  for (const path of ['/eget', '/gitt', '/ny', `/${id}`, `/${id}/rettigheter`, `/${id}/slett`])
    t.equal((await keeper.get(at(path))).status, 403, path);
});
