// Takes about 4 s.
import t from 'tap';
import { type Holder, runGateway } from '../../fixtures/gateway.js';

const gateway = await runGateway(t);
const { world } = gateway;
const { appId, brukerIdent, clientId } = world.first;
const FHI = { client: clientId };
const OSLO = '958935420';
const use = { name: 'use' };
const subject = { type: 'person', id: brukerIdent };
const inOslo = { type: 'application', id: appId, properties: { kommune: '0301' } };
const post = (path: string, body: unknown, holder: Holder | null = FHI) => gateway.send(holder, 'POST', `/access/v1/${path}`, body);

interface Found {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
}

/** All that is found, page by page; each page but the last is full. */
async function everything(path: string, question: object, limit: number, holder: Holder = FHI): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let token: string | undefined; token !== ''; ) {
    const { json, text } = await post(`search/${path}`, { ...question, page: { limit, ...(token && { token }) } }, holder);
    if (json.results === undefined) throw new Error(text);
    found.push(...json.results);
    token = json.page.next_token;
    if (token !== '' && json.results.length !== limit) throw new Error('a page is shorter than asked for, and there is more');
  }
  return found;
}

// Nobody of the demo world has access for Oslo.
const place = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${appId}`;
const leader = { person: 'oslo-leder' };
const given = world.persons.slice(0, 7).map((one) => one.brukerIdent);
await gateway.send(leader, 'PUT', `${place}/aktivering`, { aktiv: true });
for (const [i, brukerIdent] of given.entries()) {
  const roller = i % 2 === 0 ? ['use'] : ['use', 'saksbehandler'];
  const { json, headers } = await gateway.send(leader, 'POST', `${place}/brukere`, { brukerIdent, roller });
  if (i !== 3) continue;
  await gateway.send(leader, 'DELETE', `${place}/brukere/${json.brukerId}`, undefined, { 'If-Match': headers.get('etag') ?? '' });
}

t.test('the organisations that are found are those of the Tilgang API, in one page or in many', async (t) => {
  for (const { brukerIdent: id } of world.persons.slice(0, 30)) {
    const question = {
      subject: { type: 'person', id },
      action: use,
      resource: { type: 'organisation', properties: { application: appId } },
    };
    const { json: answer } = await gateway.ask(appId, { brukerIdent: id });
    const own = answer.tilganger.map(({ orgnr }: { orgnr: string }) => orgnr);
    const { json } = await post('search/resource', question);
    t.same(
      json.results.map((one: Found) => one.id),
      own,
    );
    t.equal(json.page.next_token, '');
    t.same(
      (await everything('resource', question, 1)).map((one) => one.id),
      own,
    );
  }
});

t.test('the applications that are found are the tilbyder’s own that evaluate to a yes', async (t) => {
  const tilbyder = world.applications.find(({ id }) => id === appId)?.tilbyder;
  for (const { brukerIdent: id, expected } of world.persons.slice(0, 30)) {
    const own = expected.filter(
      ({ appId: other, orgnr }) =>
        (orgnr.length > 0 || (other === appId && given.includes(id) && given[3] !== id)) &&
        world.applications.some((one) => one.id === other && one.tilbyder === tilbyder),
    );
    const found = await everything('resource', { subject: { type: 'person', id }, action: use, resource: { type: 'application' } }, 2);
    t.same(
      found.map((one) => one.id),
      own.map((one) => one.appId).sort(),
    );
  }
});

t.test('the persons who are found evaluate to a yes, each other one to a no', async (t) => {
  const question = { subject: { type: 'person' }, action: use, resource: inOslo };
  const found = new Set((await everything('subject', question, 1, { client: 'oslo' })).map((one) => one.id));
  t.equal(found.size, given.length - 1, 'all but the one whose access was withdrawn');
  const ids = [...found];
  const { json } = await post('evaluations', {
    action: use,
    resource: inOslo,
    evaluations: ids.map((id) => ({ subject: { type: 'person', id } })),
  });
  t.ok(
    json.evaluations.every(({ decision }: { decision: boolean }) => decision),
    'a brukerId is an id too',
  );
  const numbers = world.persons.map((one) => one.brukerIdent);
  const all = await post('evaluations', {
    action: use,
    resource: inOslo,
    evaluations: numbers.map((id) => ({ subject: { type: 'person', id } })),
  });
  t.equal(all.json.evaluations.filter(({ decision }: { decision: boolean }) => decision).length, found.size);
  t.same(
    await everything('subject', question, 1000, { person: 'oslo-leder' }),
    await everything('subject', question, 50, { client: 'oslo' }),
  );
});

t.test('only who may list an organisation’s grants hears who has them', async (t) => {
  const question = { subject: { type: 'person' }, action: use, resource: inOslo };
  for (const [holder, statuses] of [
    [FHI, [403, 404]],
    [{ client: 'fremmed' }, [403, 404]],
    [{ person: 'bergen-leder' }, [403, 404]],
    [null, [401]],
  ] as const) {
    const { status, text } = await post('search/subject', question, holder);
    t.ok((statuses as readonly number[]).includes(status), text);
  }
});

t.test('the actions that are found are the roles that the person holds there', async (t) => {
  const roles = (world.applications.find(({ id }) => id === appId)?.roles ?? []).toSorted();
  for (const { brukerIdent: id } of world.persons.slice(0, 40)) {
    const { json } = await post('search/action', { subject: { type: 'person', id }, resource: inOslo });
    const evaluations = roles.map((name) => ({ action: { name } }));
    const each = await post('evaluations', { subject: { type: 'person', id }, resource: inOslo, evaluations });
    t.same(
      json.results,
      roles.filter((_, i) => each.json.evaluations[i].decision).map((name) => ({ name })),
    );
  }
});

t.test('what nobody knows is not found, and an id that is sought is ignored (AuthZEN certification 4)', async (t) => {
  const empty = { results: [], page: { next_token: '' } };
  for (const [path, question] of [
    ['action', { subject: { type: 'person', id: 'nobody' }, resource: inOslo }],
    ['action', { subject: { type: 'spaceship', id: 'x' }, resource: inOslo }],
    ['action', { subject, resource: { type: 'spaceship', id: 'x' } }],
    ['resource', { subject, action: use, resource: { type: 'spaceship' } }],
    ['resource', { subject, action: { name: 'fly' }, resource: { type: 'application' } }],
    ['resource', { subject, action: use, resource: { type: 'organisation', properties: { application: 'x' } } }],
  ] as const) {
    t.same((await post(`search/${path}`, question)).json, empty, `${path} ${JSON.stringify(question)}`);
  }
  const sought = { subject, action: use, resource: { type: 'application', id: 'x' } };
  t.same(
    (await post('search/resource', sought)).json,
    (await post('search/resource', { ...sought, resource: { type: 'application' } })).json,
  );
  t.same((await post('search/subject', { subject: { type: 'spaceship' }, action: use, resource: inOslo }, { client: 'oslo' })).json, empty);
  for (const [path, question] of [
    ['subject', { subject: { type: 'person' }, resource: inOslo }],
    ['resource', { action: use, resource: { type: 'application' } }],
    ['action', { subject }],
    ['subject', { subject: { type: 'person' }, action: use, resource: { type: 'application' } }],
    ['resource', { subject: { type: 'person' }, action: use, resource: { type: 'application' } }],
    ['resource', { subject, action: use, resource: { type: 'organisation' } }],
  ] as const) {
    t.equal((await post(`search/${path}`, question)).status, 400, `${path} ${JSON.stringify(question)}`);
  }
});

t.test('a page token is good for its question and its caller alone (threat 30)', async (t) => {
  const question = { subject, action: use, resource: { type: 'organisation', properties: { application: appId } } };
  const { json } = await post('search/resource', { ...question, page: { limit: 1 } });
  const token = json.page.next_token as string;
  t.notMatch(Buffer.from(token, 'base64url').toString('latin1'), /[0-9]{9}/, 'it shows nothing');
  t.equal((await post('search/resource', { ...question, page: { limit: 1, token } })).status, 200);
  const flipped = `${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`;
  const other = world.clients.find(({ id }) => id !== clientId);
  for (const [body, holder] of [
    [{ ...question, page: { limit: 1, token: flipped } }, FHI],
    [{ ...question, page: { limit: 1, token: 'x' } }, FHI],
    [{ ...question, page: { limit: 5, token } }, FHI],
    [{ ...question, action: { name: 'saksbehandler' }, page: { limit: 1, token } }, FHI],
    [{ ...question, subject: { type: 'person', id: world.persons.at(-1)?.brukerIdent }, page: { limit: 1, token } }, FHI],
    [{ ...question, page: { limit: 1, token } }, { client: other?.id ?? '' }],
  ] as const) {
    const { status, json: told } = await post('search/resource', body, holder);
    t.ok(status === 400 || status === 403, JSON.stringify(told));
  }
});
