import t from 'tap';
import { isFault, parseAppId, parseKommunenummer, parseOrgnr, parseRole, uuidOf } from '#domain';

const detail = (parsed: unknown): unknown => (isFault(parsed) ? parsed.detail : parsed);

t.test('an organisation number is nine digits with its check digit', async (t) => {
  for (const orgnr of ['983744516', '974760223', '817920632']) t.equal(parseOrgnr(orgnr), orgnr);
  for (let digit = 0; digit < 9; digit += 1) {
    const orgnr = `98374451${digit}`;
    t.equal(detail(parseOrgnr(orgnr)), orgnr === '983744516' ? orgnr : 'has a wrong check digit');
  }
  for (const text of [
    '',
    '98374451',
    '9837445160',
    '983744516 ',
    '983 744 516',
    'NO983744516',
    '９８３７４４５１６',
    '0192:983744516',
    '983744516\n',
  ]) {
    t.equal(detail(parseOrgnr(text)), 'is not nine digits', text);
  }
  for (let digit = 0; digit < 10; digit += 1) t.ok(isFault(parseOrgnr(`00000006${digit}`)), 'there is no check digit 10');
});

t.test('an organisation number begins as the register gives them, or its test population (fault 14)', async (t) => {
  for (const orgnr of ['991825827', '889640782', '310702641', '314330897']) t.equal(parseOrgnr(orgnr), orgnr);
  for (const orgnr of ['000000000', '100000008', '123456785', '400000005', '700000011'])
    t.match(detail(parseOrgnr(orgnr)), /^begins as no organisation number/, orgnr);
});

t.test('no kommune lies in a fylke 00 (fault 14)', async (t) => {
  for (const text of ['0000', '0001', '0099']) t.equal(detail(parseKommunenummer(text)), 'is a number that no kommune has');
});

t.test('a kommunenummer is four digits, leading zeros kept', async (t) => {
  t.equal(parseKommunenummer('0301'), '0301');
  for (const text of ['301', '03011', '0301 ', 'K0301', '０３０１', '']) t.equal(detail(parseKommunenummer(text)), 'is not four digits');
});

t.test('an App-ID is read in any letter case and answered in lower case', async (t) => {
  const appId = '7c0d6c1e-abcd-4000-8000-00000000000f';
  t.equal(parseAppId(appId), appId);
  t.equal(parseAppId(appId.toUpperCase()), appId);
  for (const text of [
    '',
    appId.slice(1),
    `${appId}0`,
    `{${appId}}`,
    `urn:uuid:${appId}`,
    appId.replaceAll('-', ''),
    `${appId} `,
    appId.replace('f', 'g'),
  ]) {
    t.equal(detail(parseAppId(text)), 'is not a UUID', text);
  }
});

t.test('a role begins with a lower-case letter and has at most 64 characters', async (t) => {
  for (const role of ['use', 'a', 'a-b_c.d9', 'a'.repeat(64)]) t.equal(parseRole(role), role);
  for (const role of ['', 'Use', '9a', '-a', 'a b', 'a'.repeat(65), 'rølle', 'use ', 'use\n', '__proto__'])
    t.ok(isFault(parseRole(role)), role);
});

t.test('a text always gives the same UUID of version 8', async (t) => {
  t.equal(
    uuidOf('applikasjon:Smittevernmelding'),
    'd8adb4fb-8b85-87e7-9636-7eabb041b9b4',
    'SHA-256 of the text, cut, with version and variant',
  );
  for (let i = 0; i < 200; i += 1) {
    t.match(uuidOf(`text ${i}`), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    t.equal(parseAppId(uuidOf(`text ${i}`)), uuidOf(`text ${i}`));
  }
  t.not(uuidOf('a'), uuidOf('b'));
});
