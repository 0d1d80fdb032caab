import t from 'tap';
import { syntheticPersonNumber } from '#demo';
import { holdsPersonNumber, isFault, maskPersonNumbers, parsePersonNumber, parseReason } from '#domain';

/** The eleven digits that begin with these nine, by the public algorithm, written apart from the one that is tested. */
function complete(nine: string): string | undefined {
  const digit = (text: string, weights: string): number => {
    const sum = [...text].reduce((total, char, i) => total + Number(char) * Number(weights[i]), 0);
    return sum % 11 === 0 ? 0 : 11 - (sum % 11);
  };
  const first = digit(nine, '376189452');
  const second = digit(`${nine}${first}`, '5432765432');
  return first > 9 || second > 9 ? undefined : `${nine}${first}${second}`;
}

/** The first valid number of a date part. */
function born(date: string): string {
  for (let individual = 0; individual < 1000; individual += 1) {
    const whole = complete(`${date}${String(individual).padStart(3, '0')}`);
    if (whole !== undefined) return whole;
  }
  throw new TypeError('no number of that date');
}

const detail = (text: string): unknown => {
  const parsed = parsePersonNumber(text);
  return isFault(parsed) ? parsed.detail : parsed;
};

t.test('fødselsnummer, D-numbers and synthetic numbers are taken as they are written', async (t) => {
  const dates = {
    ordinary: '150190',
    'leading zero': '010190',
    'leap day': '290204',
    'D-number': '550190',
    'last day of a D-number': '710190',
    'synthetic +40': '155190',
    'synthetic +65': '156690',
    'synthetic +80': '158190',
    'December +80': '159290',
    'D-number of a synthetic person': '558190',
  };
  for (const [name, date] of Object.entries(dates)) t.equal(detail(born(date)), born(date), name);
});

t.test('what does not begin with a date is refused although its check digits are right', async (t) => {
  for (const date of [
    '000190',
    '320190',
    '310490',
    '300290',
    '150090',
    '151390',
    '153990',
    '155390',
    '157890',
    '159390',
    '400190',
    '720190',
    '710490',
    '999999',
  ]) {
    t.equal(detail(born(date)), 'does not begin with a date', date);
  }
});

t.test('numbers of the rule of 2032 are taken as those before are (fault 14)', async (t) => {
  for (const number of ['02813200069', '42813200052', '02013299903', '30108299939'])
    t.equal(detail(number), number, 'by the new rule only');
  for (const number of ['02013299997', '30108299920']) t.equal(detail(number), number, 'by both');
  const nine = '028132000';
  const taken = Array.from({ length: 100 }, (_, k) => `${nine}${String(k).padStart(2, '0')}`).filter((text) => detail(text) === text);
  t.equal(new Set(taken.map((text) => text[9])).size, taken.length, 'a second control digit for each first one');
  t.ok(taken.length >= 3 && taken.length <= 4, 'four remainders, of which one may need a ten');
});

t.test('29 February is a day of those years alone that are leap years in some century (fault 14)', async (t) => {
  for (const year of ['00', '04', '32', '96']) t.equal(detail(born(`2982${year}`)), born(`2982${year}`));
  for (const year of ['01', '02', '99']) t.equal(detail(born(`2982${year}`)), 'does not begin with a date');
  t.equal(detail(born('698201')), 'does not begin with a date', 'nor is it for a D-number');
});

t.test('each wrong check digit is refused', async (t) => {
  const right = born('158190');
  for (const at of [9, 10]) {
    for (let digit = 0; digit < 10; digit += 1) {
      // The first is bound by the second, whose rule has stayed.
      const text = `${right.slice(0, at)}${digit}${right.slice(at + 1)}`;
      if (text !== right) t.equal(detail(text), 'has a wrong check digit');
    }
  }
});

t.test('anything but eleven ASCII digits is refused, and no fault quotes it', async (t) => {
  const right = born('010190');
  const fullWidth = [...right].map((char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join('');
  const arabic = [...right].map((char) => String.fromCharCode(char.charCodeAt(0) + 0x630)).join('');
  for (const text of [
    '',
    right.slice(1),
    `${right}0`,
    `${right} `,
    ` ${right}`,
    `${right}\n`,
    `${right.slice(0, 6)} ${right.slice(6)}`,
    `-${right.slice(1)}`,
    fullWidth,
    arabic,
  ]) {
    t.equal(detail(text), 'is not eleven digits');
  }
});

t.test('every two digits that are swapped are noticed', async (t) => {
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const accepted: number[] = [];
  for (let i = 0; i < 200; i += 1) {
    const number = syntheticPersonNumber(random);
    for (let at = 6; at < 10; at += 1) {
      const swapped = `${number.slice(0, at)}${number[at + 1]}${number[at]}${number.slice(at + 2)}`;
      if (swapped !== number && !isFault(parsePersonNumber(swapped))) accepted.push(at);
    }
  }
  t.same(accepted, []);
});

t.test('what reads as a person number is found and masked, valid or not, and other numbers stay', async (t) => {
  for (const number of ['15819012345', '158190 12345', '158190-12345', '00000000000']) {
    for (const [before, after] of [
      ['', ''],
      ['born ', '.'],
      ['x', 'y'],
      ['"', '",'],
    ]) {
      const text = `${before}${number}${after}`;
      t.ok(holdsPersonNumber(text), text);
      t.ok(holdsPersonNumber(text), 'and so it does the second time');
      t.equal(maskPersonNumbers(text), `${before}[masked]${after}`);
      t.ok(isFault(parseReason(text)), 'so it is no reason');
    }
  }
  t.equal(maskPersonNumbers('15819012345 and 158190 12345'), '[masked] and [masked]');
  for (const text of ['983744516', '1581901234', '158190123456', '158190    12345', '2026-01-01 10:00:00.123', '']) {
    t.notOk(holdsPersonNumber(text), text);
    t.equal(maskPersonNumbers(text), text);
  }
});
