import t from 'tap';
import { grantDocuments } from '#access';
import type { AppId, BrukerId, GrantDocument, Orgnr } from '#domain';
import { openAccess } from '#installation';
import { demoFolder, newPersons } from '../../fixtures/demo-folder.js';
import { demoConfig, runGateway } from '../../fixtures/gateway.js';
import { csv, OSLO, openDesk } from './desk.js';

/** Nobody else has a grant in it. */
const ALONE = '00000000-0000-4000-8000-000000000000' as AppId;
/** Behind whomever a real name names. */
const LAST = 'z'.repeat(43) as BrukerId;

const { data, world } = await demoFolder(t);
const app = world.applications.find(({ name }) => name.nb === 'Smittevernmelding')?.id as AppId;
const { access, close } = await openAccess(demoConfig(data));
const [person] = newPersons(1, world);
if (person === undefined) throw new TypeError('there is no person');
for (const appId of [ALONE, app]) {
  const document: GrantDocument = {
    appId,
    brukerId: LAST,
    // Sealed for somebody else: it cannot be opened.
    sealed: access.vault.seal(person, access.vault.nameOf(person)),
    grants: [
      {
        konsument: OSLO as Orgnr,
        roles: ['use'],
        givenBy: 'operator',
        givenAt: '2026-01-01T00:00:00.000Z',
        source: 'operator',
        revision: 1,
      } as never,
    ],
  };
  const facts = { action: 'grant.give', at: '2026-01-01T00:00:00.000Z' as never, actor: 'operator' };
  await access.store.collection(grantDocuments).put(document, { expect: 'absent', facts });
}
await close();
const desk = openDesk(await runGateway(t, { data }));

t.test('an export that fails before its first line is answered as a problem, in both forms', async (t) => {
  for (const format of ['csv', 'jsonl']) {
    const { status, headers, json } = await desk.export(`?format=${format}&app=${ALONE}`);
    t.ok(status >= 500, `${format}: ${status}`);
    t.match(headers.get('content-type'), /^application\/problem\+json/, format);
    t.match(json, { status, type: /^\/problems\// }, format);
    t.equal(headers.get('content-disposition'), null, format);
  }
});

t.test('an export that fails later breaks the connection, so that nobody takes it for whole', async (t) => {
  await desk.import(csv('app,brukerIdent', ...desk.persons(3).map((one) => [app, one])));
  for (const format of ['csv', 'jsonl']) await t.rejects(desk.export(`?format=${format}&app=${app}`), { code: 'ECONNRESET' }, format);
});
