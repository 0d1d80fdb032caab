import { pino } from 'pino';
import t from 'tap';
import { ProblemError } from '#problem';
import { createLog, type LogLevel } from '#telemetry';

// biome-ignore lint/suspicious/noExplicitAny: a record is looked at field by field.
type Record = any;

function openLog(level: LogLevel = 'info') {
  const written: string[] = [];
  const log = createLog(level, { write: (line) => void written.push(line) });
  return { log, written, records: (): Record[] => written.map((line) => JSON.parse(line)) };
}

const request = { requestId: 'r', method: 'POST', route: '/app/{appId}', status: 200, durationMs: 1.5 };

t.test('a record is one line of JSON with its level, its time in UTC and its event', async (t) => {
  const { log, written, records } = openLog();
  log.request(request);
  log.event('warn', 'line\nbreak', { key: 'a\nb' });
  t.equal(written.length, 2);
  t.ok(written.every((line) => line.indexOf('\n') === line.length - 1));
  t.match(records()[0], { level: 'info', event: 'request', time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, ...request });
  t.match(records()[1], { level: 'warn', event: 'line\nbreak', key: 'a\nb' });
  t.notOk('pid' in records()[0] || 'hostname' in records()[0]);
});

t.test('the line of a request is pino’s, whatever the texts are', async (t) => {
  const lines: string[] = [];
  const options = {
    level: 'info',
    base: null,
    messageKey: 'event',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const reference = pino(options, { write: (line) => void lines.push(line) });
  const odd = [
    '',
    'a b/{c}:d-e_f.1',
    '"quoted" and \\',
    'line\r\nbreak\t\u0000\u001f\u007f',
    '\u2028\u2029 \ud800 \udc00 😀 æøå',
    'x'.repeat(100),
    '"'.repeat(60),
    '__proto__',
  ];
  for (const text of odd) {
    for (const more of [
      {},
      { clientId: text },
      { clientId: text, consumer: '983744516', policyRevision: text, problem: 'not-found' },
      { policyRevision: text },
    ]) {
      const record = { ...request, requestId: text, method: text, route: text, durationMs: 0.001 * text.length, ...more };
      const { log, written } = openLog();
      log.request(record);
      reference.info(record, 'request');
      const [line, expected] = [written[0] as string, lines.pop() as string];
      const time = /"time":"[^"]{24}"/;
      const untimed = (text: string): unknown => ({ ...JSON.parse(text), time: undefined });
      t.same(untimed(line), untimed(expected));
      t.same(Object.keys(JSON.parse(line)), Object.keys(JSON.parse(expected)), 'the fields in their order');
      t.equal(line.indexOf('\n'), line.length - 1, 'one line');
      // pino leaves half a surrogate pair as it is, which no file of UTF-8 can hold.
      if (!text.includes('\ud800')) t.equal(line.replace(time, ''), expected.replace(time, ''));
      t.ok(Math.abs(Date.parse(JSON.parse(line).time) - Date.parse(JSON.parse(expected).time)) < 1000);
    }
  }
});

t.test('a request’s time is right to the millisecond, from one second to the next', async (t) => {
  const now = Date.now;
  t.teardown(() => {
    Date.now = now;
  });
  for (const ms of [0, 7, 999, 1000, 1001, 1_767_225_599_999, 1_767_225_600_000, 1_767_225_600_042, 999]) {
    Date.now = () => ms;
    const { log, records } = openLog();
    log.request(request);
    t.equal(records()[0].time, new Date(ms).toISOString());
  }
});

t.test('a fault is logged with its whole chain of causes and the level of its problem', async (t) => {
  const { log, records } = openLog();
  const cause = new Error('outer', { cause: new Error('inner', { cause: 'text' }) });
  log.fault(new ProblemError('issuer-unavailable', { detail: 'Keys.', cause }), 'r9');
  log.fault(new RangeError('boom'));
  log.fault(undefined);
  const [first, second, third] = records();
  t.match(first, { level: 'warn', event: 'fault', requestId: 'r9', problem: 'issuer-unavailable', detail: 'Keys.' });
  t.match(first.causes, [/outer/, /inner/, /^text$/]);
  t.match(second, { level: 'error', problem: 'internal-error', causes: [/RangeError: boom[\s\S]*log\.test/] });
  t.match(third, { level: 'error', problem: 'internal-error' });
});

t.test('a chain of causes without end is cut', async (t) => {
  const { log, records } = openLog();
  const ring = new Error('ring');
  ring.cause = ring;
  log.fault(ring);
  t.equal(records()[0].causes.length, 8);
});

t.test('what reads as a person number is masked in details and causes, other numbers stay', async (t) => {
  const { log, written, records } = openLog();
  const number = '12345678901';
  log.fault(
    new ProblemError('internal-error', {
      detail: `for ${number}.`,
      cause: new Error(`"${number}",${number} x${number}y 123456 78901`, { cause: number }),
    }),
  );
  log.fault(new Error('orgnr 983744516, epoch 1767225600000'));
  t.notMatch(written.join(''), number);
  t.equal(records()[0].detail, 'for [masked].');
  t.match(records()[0].causes, [/"\[masked\]",\[masked\] x\[masked\]y \[masked\]\n/, '[masked]']);
  t.match(records()[1].causes, [/orgnr 983744516, epoch 1767225600000/]);
});

t.test(
  'a fault is logged with the word of its reason, and a cause of any length is cut without a piece of a number (fault 13)',
  async (t) => {
    const { log, records } = openLog();
    log.fault(
      new ProblemError('store-unavailable', {
        reason: 'a-word',
        cause: `${'a '.repeat(8185)}01819011067 and more ${'1 '.repeat(500_000)}`,
      }),
    );
    const [record] = records();
    t.equal(record.reason, 'a-word');
    t.ok(record.causes[0].length < 17_000);
    t.notMatch(record.causes[0], /[0-9]/);
  },
);

t.test('what is below the level is not logged', async (t) => {
  const counts: [LogLevel, number][] = [
    ['debug', 4],
    ['info', 4],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ];
  for (const [level, count] of counts) {
    const { log, written } = openLog(level);
    log.request(request);
    log.event('info', 'a');
    log.event('warn', 'b');
    log.fault(new Error('c'));
    log.flush();
    t.equal(written.length, count, level);
  }
});
