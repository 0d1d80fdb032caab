import t from 'tap';
import { holdsPersonNumber, isFault, maskPersonNumbers, parseFreeText, parseReason, parseRole, parseWebAddress } from '#domain';

const NUMBER = '01819011067';
const shifted = (by: number): string => [...NUMBER].map((digit) => String.fromCodePoint((digit.codePointAt(0) as number) + by)).join('');
const detail = (parsed: unknown): unknown => (isFault(parsed) ? parsed.detail : parsed);

t.test('a person number is found in any spelling, and masked (fault 13)', async (t) => {
  const spellings = [
    '01 81 90 11067',
    '01.81.90.11067',
    '01/81/90/11067',
    '018190/11067',
    '018190.11067',
    '018190\u00a011067',
    '018190\u201311067',
    '018190  11067',
    '018190 - 11067',
    '018190\u200b11067',
    '018190\u206011067',
    '0\u200b1\u200b8\u200b1\u200b9\u200b0\u200b1\u200b1\u200b0\u200b6\u200b7',
    '0 1 8 1 9 0 1 1 0 6 7',
    '018190 110 67',
    '0181 9011 067',
    '01819\n011067',
    shifted(0xfee0),
    shifted(0x630),
    shifted(0x1d7ce - 0x30),
    shifted(0x1d7f6 - 0x30),
    `${shifted(0xfee0).slice(0, 6)}.${NUMBER.slice(6)}`,
  ];
  for (const spelling of spellings) {
    t.ok(holdsPersonNumber(spelling), spelling);
    t.equal(maskPersonNumbers(`om 5: ${spelling}, nr 22`), 'om 5: [masked], nr 22', spelling);
    t.equal(detail(parseReason(`om ${spelling}`)), 'holds what looks like a person number', spelling);
  }
  t.equal(detail(parseRole(`rolle_${NUMBER}`)), 'holds what looks like a person number');
});

t.test('numbers of other kinds are no person numbers (fault 13)', async (t) => {
  const others = [
    '22 33 44 55',
    '+47 22 33 44 55',
    '0047 22 33 44 55',
    '983744516',
    '983 744 516',
    '2026/12345-6',
    '2026/123456-7',
    'vedtak 01.02.2026 kl. 10.30',
    '01.01.2026-31.12.2026',
    '2026-11-27 05:42:43,123',
    '2026-11-27T05:42:43.123Z',
    'konto 9234.56.78903',
    'KID 123456789012',
    `${NUMBER}0`,
    `9${NUMBER}`,
    'kr 1 234 567,00',
    '192.168.100.20:8443',
    'main.js:123:45678',
    'uke 12-13, 14-15, 16 og 17',
    '3f0c1111-2222-3333-4444-a01819011067',
    'Ⅷ Ⅸ ½ ²',
  ];
  for (const other of others) {
    t.notOk(holdsPersonNumber(other), other);
    t.equal(parseReason(other), other);
  }
});

t.test('the time to mask a text grows with its length, whatever stands in it (fault 13)', async (t) => {
  const pieces = ['1', '1 ', '1\u200b', '1 . ', `${NUMBER} `, '\u0661', '①', '1é', 'a1-', '01 02 03 04 '];
  const took = (piece: string, length: number): number => {
    const text = piece.repeat(length / piece.length);
    const startedMs = performance.now();
    maskPersonNumbers(text);
    return performance.now() - startedMs;
  };
  for (const piece of pieces) {
    took(piece, 1 << 12);
    const short = Math.max(took(piece, 1 << 15), 1);
    // Eight times as long; a quadratic one would take sixty-four times as long.
    t.ok(took(piece, 1 << 18) < 40 * short, JSON.stringify(piece));
  }
});

t.test('a text is without the blanks around it, and its length is counted as a reader does (fault 13)', async (t) => {
  const one = { maxCodePoints: 500 };
  t.equal(parseFreeText('  Åse \u00a0', one), 'Åse');
  t.equal(parseFreeText('💡'.repeat(500), one), '💡'.repeat(500));
  t.equal(detail(parseFreeText('💡'.repeat(501), one)), 'is longer than 500 characters');
  t.equal(detail(parseFreeText('a'.repeat(1001), one)), 'is longer than 500 characters');
  for (const text of ['', '   ', '\u00a0\u3000', '\n']) t.equal(detail(parseFreeText(text, one)), 'is empty or blank');
});

t.test('a text has no control characters, halves of characters or what fools the eye (fault 13, threat 38)', async (t) => {
  const bad: readonly (readonly [string, RegExp])[] = [
    ['a\0b', /control/],
    ['a\u001b[31m', /control/],
    ['a\u0085b', /control/],
    ['a\u009b1m', /control/],
    ['a\rb', /control/],
    ['a\ud800b', /no character/],
    ['\udc00', /no character/],
    ['a\uffffb', /no character/],
    ['a\ufffdb', /no character/],
    ['a\u200bb', /invisible.* 2$/],
    ['💡\u202ea', /invisible.* 2$/],
    ['\u200b\u2060', /invisible/],
    ['\u3164', /invisible/],
    ['\u2800\u2800', /invisible/],
    ['a\u00adb', /invisible/],
    ['a\u{e0041}', /invisible/],
    ['a\u200db', /invisible/],
    ['1\u200d2', /invisible/],
    ['a\ufe0fb', /invisible/],
    ['\u0301\u0302', /nothing to read/],
  ];
  for (const [text, expected] of bad) {
    t.match(detail(parseReason(text)), expected, JSON.stringify(text));
    t.ok(isFault(parseFreeText(text, { maxCodePoints: 100 })), 'nor may a name have it');
  }
  for (const line of ['a\nb', 'a\tb', 'a\r\nb', 'a\u2028b']) {
    t.equal(parseReason(line), line, 'a reason has lines');
    t.match(detail(parseFreeText(line, { maxCodePoints: 100 })), /line break/, 'a name is one line');
  }
  for (const text of ['Ærlig, «Åse» – 50 % & <b>', '👩‍🔧 ❤️ 1️⃣ 👍🏽 🏳️‍🌈 🇳🇴 ☎︎', 'Čáhcesuolu', 'e\u0301', '=1+1', "'x"]) {
    t.equal(parseReason(text), text);
  }
});

t.test('an address is https, without user name or password (fault 13)', async (t) => {
  for (const address of ['https://a.no', 'https://a.no/sti?som=epost@a.no#del', 'https://xn--bcher-kva.example:8443/']) {
    t.equal(parseWebAddress(address), address);
  }
  for (const address of [
    'http://a.no',
    'https://',
    'https://user:pw@host',
    'https://user@host/',
    'https://@host',
    'https://a\\@b',
    'https://a.no/\u200b',
    'https://a.no/x\ny',
    `https://a.no/${NUMBER}`,
    `https://a.no/%30${NUMBER.slice(1)}`,
    `https://a.no/%zz/%30${NUMBER.slice(1)}?100%`,
    `https://a.no/%ff%30${NUMBER.slice(1)}`,
    'javascript:alert(1)',
  ]) {
    t.ok(isFault(parseWebAddress(address)), address);
  }
});
