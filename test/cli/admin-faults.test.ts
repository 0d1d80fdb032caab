import t from 'tap';
import { demoWorld, syntheticOrgnr } from '#demo';
import { type PersonNumber, toInstant } from '#domain';
import { runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';

const PERSON_LIKE = /(?<![0-9])[0-9]{11}(?![0-9])/;
const OSLO = '958935420';
const world = demoWorld(toInstant(Date.now()));
const [a, b] = newPersons(2, world) as [PersonNumber, PersonNumber];
const wrongDigit = `${a.slice(0, 10)}${(Number(a[10]) + 1) % 10}`;
const demoIn = (data: string) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data });

t.test('what is not a person number, or no organisation, is told and changes nothing', async (t) => {
  const { data } = await demoFolder(t);
  const unknown = syntheticOrgnr('Finnes ikke');
  const events = () => runInside(['audit', 'events'], demoIn(data));
  const before = (await events()).stdout;
  const cases: readonly (readonly [args: readonly string[], stdin: string | undefined, code: number, told: RegExp])[] = [
    [['appoint', OSLO], undefined, 1, /the person number is missing/],
    [['appoint', OSLO], wrongDigit, 1, /the person number has a wrong check digit/],
    [['appoint', OSLO], `${a}\n${b}\n`, 1, /more than one/],
    [['appoint', OSLO], 'x'.repeat(1e6), 1, /is not eleven digits/],
    [['appoint', unknown], a, 1, /no organisation [0-9]{9} is registered/],
    [['remove', unknown], a, 1, /no organisation [0-9]{9} is registered/],
    [['appoint', '958935421'], a, 2, /<orgnr> has a wrong check digit/],
    [['appoint', OSLO, '--role', 'sjef'], a, 2, /Allowed choices are organisasjonsadministrator/],
    [['appoint', OSLO, '--until', '2098-02-30'], a, 2, /--until is no day/],
    [['appoint', OSLO, '--until', '2020-01-01'], a, 2, /--until is over already/],
    [['appoint', OSLO, '--reason', ' '], a, 2, /--reason is empty/],
    [['appoint', OSLO, '--reason', `for ${b}`], a, 2, /--reason holds what looks like a person number/],
    [['appoint', OSLO, '--reason', `for ${b.slice(0, 6)} ${b.slice(6)}`], a, 2, /--reason holds what looks like a person number/],
    [['appoint', OSLO, '--role', b], a, 2, /error: /],
    [['appoint', b], undefined, 2, /<orgnr> is not nine digits/],
    [['appoint', OSLO, b], undefined, 2, /error: too many arguments/],
    [[b], undefined, 2, /error: unknown command '\[masked\]'/],
    [['appoint', OSLO, `--${b}`], undefined, 2, /error: unknown option '--\[masked\]'/],
  ];
  for (const [i, [args, stdin, code, told]] of cases.entries()) {
    // Two of them, with another code each, as processes of their own.
    const run = i % 9 === 0 ? runCommand : runInside;
    const result = await run(['admin', ...args], demoIn(data), stdin);
    t.equal(result.code, code, `${told}`);
    t.match(result.stderr, told);
    t.equal(result.stdout, '');
    t.notMatch(result.stderr, PERSON_LIKE);
    t.notOk(result.stderr.includes(b.slice(0, 6)), 'nor a part of one');
  }
  t.equal((await events()).stdout, before);
});
