import t from 'tap';
import { isFault, parsePeriodEnd, parsePeriodStart, toInstant } from '#domain';

const bounds = (text: string): unknown[] =>
  [parsePeriodStart(text), parsePeriodEnd(text)].map((parsed) => (isFault(parsed) ? parsed.detail : parsed));

t.test('a date is the whole day in Norway, its end exclusive, in winter, in summer and when clocks change', async (t) => {
  t.same(bounds('2026-01-15'), ['2026-01-14T23:00:00.000Z', '2026-01-15T23:00:00.000Z']);
  t.same(bounds('2026-07-15'), ['2026-07-14T22:00:00.000Z', '2026-07-15T22:00:00.000Z']);
  t.same(bounds('2026-03-29'), ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'], 'a day of 23 hours');
  t.same(bounds('2026-10-25'), ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'], 'a day of 25 hours');
  t.same(bounds('2028-02-29'), ['2028-02-28T23:00:00.000Z', '2028-02-29T23:00:00.000Z'], 'a leap day');
  t.equal(parsePeriodEnd('2026-12-31'), parsePeriodStart('2027-01-01'), 'a day ends when the next begins');
});

t.test('a date-time is that moment, at both ends, whatever its offset', async (t) => {
  const moment = '2026-06-01T10:30:00.000Z';
  for (const text of [
    '2026-06-01T10:30:00Z',
    '2026-06-01T12:30:00+02:00',
    '2026-06-01T05:00:00-05:30',
    '2026-06-01t10:30:00z',
    '2026-06-01T10:30:00.000000Z',
  ]) {
    t.same(bounds(text), [moment, moment], text);
  }
  t.same(bounds('2026-06-01T10:30:00.1234Z')[0], '2026-06-01T10:30:00.123Z');
});

t.test('what is no day or time is refused', async (t) => {
  for (const text of [
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2100-02-29',
    '2026-06-01T10:60:00Z',
    '2026-06-01T10:30:61Z',
  ]) {
    t.same(bounds(text), Array(2).fill('is no day or time of the calendar'), text);
  }
  for (const text of [
    '',
    'now',
    '26-01-01',
    '2026-1-1',
    '01.02.2026',
    '2026-06-01T10:30:00',
    '2026-06-01 10:30:00Z',
    '2026-06-01T10:30Z',
    '2026-W10',
    '2026-06-01T24:00:00Z',
    '2026-06-01T10:00:00+24:00',
    '2026-06-01T10:00:00+99:99',
    '2026-06-01 ',
    '+002026-06-01',
  ]) {
    t.match(bounds(text)[0], /^is neither a date/, text);
  }
});

t.test('instants stay within the years that their order is right for', async (t) => {
  t.same(bounds('0000-01-01')[0], 'is outside the years 0000-9999', 'that day began in Norway in the year before');
  t.same(bounds('9999-12-31')[1], '9999-12-31T23:00:00.000Z');
  t.same(bounds('9999-12-31T23:59:59-05:00')[0], 'is outside the years 0000-9999');
});

t.test('the order of the texts is the order of the moments', async (t) => {
  const moments = [-62_167_219_200_000, 0, 1, 999, 1000, Date.UTC(2026, 0, 1), Date.UTC(9999, 11, 31)];
  const texts = moments.map(toInstant);
  t.same([...texts].sort(), texts);
  t.ok(texts.every((text) => text.length === 24));
});
