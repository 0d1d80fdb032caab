// Takes about 10 s.
import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { watchLoop } from '../../fixtures/loop-watch.js';
import { pause, rawExchange } from '../../fixtures/raw-exchange.js';
import { API, BERGEN, csv, OSLO, openDesk } from './desk.js';

const SIZE = 256 * 1024;
const gateway = await runGateway(t, { refusalsPerMinute: 10_000, bodyTimeoutMs: 20_000 });
const desk = openDesk(gateway);
const { app } = desk;
const jsonl = 'application/jsonl';

t.test(
  'whatever a file is made of, no turn of the event loop is as long as the file, and work on it ends early (threat 50, fault 2)',
  async (t) => {
    const filled = (text: string): string => text.repeat(Math.floor(SIZE / text.length));
    for (const [what, body, type] of [
      ['one letter a line', filled('x\n'), 'text/csv'],
      ['one letter a line below a header', `app,brukerIdent\n${filled('x\n')}`, 'text/csv'],
      ['one line', filled('x'), 'text/csv'],
      ['quotes', filled('"'), 'text/csv'],
      ['lines of a quote', filled('"\n'), 'text/csv'],
      ['commas', filled(','), 'text/csv'],
      ['lines of commas', `app,brukerIdent\n${filled(`${','.repeat(1000)}\n`)}`, 'text/csv'],
      ['blank lines', filled('\n'), 'text/csv'],
      ['empty objects', filled('{}\n'), jsonl],
      ['deep lists', filled(`${'['.repeat(30_000)}\n`), jsonl],
      ['an unknown application a line', filled(`{"app":"00000000-0000-4000-8000-000000000000","brukerIdent":"1"}\n`), jsonl],
    ] as const) {
      let status = 0;
      const ask = async (): Promise<void> => {
        ({ status } = await desk.import(body, { type, query: '?altEllerIngenting=true' }));
      };
      const tries = [await watchLoop(ask), await watchLoop(ask)];
      const { longestCpuMs, totalCpuMs } = tries.reduce((best, one) => (one.longestCpuMs < best.longestCpuMs ? one : best));
      t.comment(`${what}: ${status}, ${longestCpuMs.toFixed(1)} ms of ${totalCpuMs.toFixed(1)}`);
      t.ok(longestCpuMs < Math.max(60, totalCpuMs / 4), `${what}: ${longestCpuMs.toFixed(1)} ms of ${totalCpuMs.toFixed(1)}`);
      t.ok(status === 200 || status === 422, `${what}: ${status}`);
    }
  },
);

t.test('a file with more than 10 000 faulty lines is not read on; the good lines before are given (fault 2)', async (t) => {
  const [p = ''] = desk.persons(1);
  const good = JSON.stringify({ app, brukerIdent: p });
  const file = `${good}\n${'{}\n'.repeat(1_000_000)}`;
  const answer = await desk.import(file, { type: jsonl });
  t.match(answer, { status: 422, json: { type: '/problems/import-too-faulty' } });
  t.equal(answer.json.errors.length, 1000);
  t.same(await desk.rolesOf(p), ['use']);
  const faulty = await desk.import('{}\n'.repeat(9000), { type: jsonl });
  t.match(faulty, { status: 200, json: { feil: 9000, linjer: 9000 } });
});

t.test('blank lines and those within a record are bounded too, though they are no rows (threat 50, fault 2)', async (t) => {
  for (const [file, type] of [
    ['\n', 'text/csv'],
    ['\n', jsonl],
    ['"\n', 'text/csv'],
  ] as const) {
    const answer = await desk.import(file.repeat(1_000_200), { type });
    t.match(answer.json, { gitt: 0, feil: 1, feilListe: [{ linje: 1_000_001, detalj: 'is beyond the 1000000 lines that are read' }] });
  }
});

/** Begins an import and lets it hang. @returns ends it */
async function hanging(holder: { client: string } | { person: string }, orgnr: string): Promise<() => Promise<number>> {
  const token = await gateway.tokenOf(holder);
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* pieces() {
    yield [
      `POST ${API}/${orgnr}/import HTTP/1.1`,
      `Host: ${new URL(gateway.origin).host}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: text/csv',
      'Connection: close',
      'Transfer-Encoding: chunked\r\n\r\n10\r\napp,brukerIdent\n\r\n',
    ].join('\r\n');
    await ended;
    yield '0\r\n\r\n';
  }
  const answer = rawExchange(gateway.origin, pieces());
  return async () => {
    end();
    return (await answer).status;
  };
}

t.test(
  'imports of one organisation that hang leave room for those of others, and for its own once they are over (threat 51, fault 3)',
  async (t) => {
    const logged = gateway.lines.length;
    const hang = await Promise.all(Array.from({ length: 6 }, () => hanging({ client: 'oslo' }, OSLO)));
    const file = csv('app,brukerIdent', [app, desk.persons(1)[0] ?? '']);
    const refused = (): number => gateway.lines.slice(logged).filter((line) => line.includes('too-many-requests')).length;
    while (refused() < 4) await pause(10);
    t.match(await desk.import(file, { holder: { client: 'oslo' } }), { status: 429, json: { type: '/problems/too-many-requests' } });
    t.match(await desk.import(file, { orgnr: BERGEN, holder: { person: 'bergen-leder' } }), { status: 200 }, 'another organisation');
    const statuses = await Promise.all(hang.map((end) => end()));
    t.same(statuses.sort(), [200, 200, 429, 429, 429, 429]);
    t.equal((await desk.import(file, { holder: { client: 'oslo' } })).status, 200, 'the places are free again');
  },
);
