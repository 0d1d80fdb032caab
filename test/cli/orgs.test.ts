import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { syntheticOrgnr } from '#demo';
import { runCommand } from '../fixtures/command.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { commandsIn, NEW, OSLO, OTHER, world } from './organisations.js';

const TENANT = '0f9d4d0e-0000-4000-8000-00000000000a';
const THIRD = syntheticOrgnr('Tredje kommune');

t.test('an import of organisations names each faulty line and registers the others; run again it changes nothing', async (t) => {
  const { data } = await demoFolder(t);
  const { env, orgs, file, events, whole } = commandsIn(t, data);
  const csv = file(
    'orgs.csv',
    [
      'orgnr,name,kommunenummer,fiksOrgId,roles',
      `${NEW},Ny kommune,9001,${TENANT},konsument tilbyder`,
      `${OSLO},Oslo by,0301,,konsument`,
      `${NEW.slice(0, 8)}${(Number(NEW[8]) + 1) % 10},Feil,,,`,
      `${NEW},To ganger,,,`,
      `${OTHER},,9002,,`,
      `${OTHER},Annen,90,,`,
      `${OTHER},Annen,9002,x,`,
      `${OTHER},Annen,9002,,sjef`,
      `${OTHER},Annen,9001,,`,
      `${THIRD},Tredje,0301,,`,
      `${OTHER},Annen,9002`,
    ].join('\n'),
  );
  const faults = [
    /^line 4: orgnr has a wrong check digit$/,
    /^line 5: orgnr stands on an earlier line already$/,
    /^line 6: name is missing/,
    /^line 7: kommunenummer is not four digits$/,
    /^line 8: fiksOrgId is not a UUID$/,
    /^line 9: roles are not konsument, tilbyder, both or none$/,
    /^line 10: kommunenummer belongs to another organisation$/,
    /^line 11: kommunenummer belongs to another organisation$/,
    /^line 12: has 3 fields where the header has 5$/,
  ];
  const before = await events();
  for (const args of [['--dry-run'], []]) {
    const would = args.length > 0 ? 'would be ' : '';
    const { code, stdout, stderr } = await orgs('import', ...args, csv);
    t.match({ code, stdout }, { code: 1, stdout: `${would}registered 1, ${would}changed 1, unchanged 0, faulty 9\n` });
    const told = stderr.split('\n').filter((line) => line.startsWith('line '));
    t.equal(told.length, faults.length);
    for (const [i, fault] of faults.entries()) t.match(told[i], fault);
    if (args.length > 0) t.equal(await events(), before, 'a dry run writes nothing');
  }
  t.match(await orgs('import', csv), { code: 1, stdout: 'registered 0, changed 0, unchanged 2, faulty 9\n' });
  const { stdout } = await runCommand(['orgs', 'list'], env);
  t.match(stdout, `${NEW},Ny kommune,9001,${TENANT},konsument tilbyder\n`);
  t.match(stdout, new RegExp(`${OSLO},Oslo by,0301,[0-9a-f-]{36},konsument\n`));
  await whole();
  t.match(await orgs('import', file('x.txt', '')), { code: 2, stderr: /--format/ });
  t.match(await runCommand(['orgs', 'import', join(data, 'nope.csv')], env), { code: 1, stderr: /ENOENT/ });
});

t.test('what orgs list writes is what orgs import takes, also of organisations that may be neither', async (t) => {
  const { data } = await demoFolder(t);
  const { orgs, file } = commandsIn(t, data);
  t.match(await orgs('close', OSLO, '--yes'), { code: 0 });
  const empty = commandsIn(t, (await demoFolder(t)).data);
  for (const format of ['csv', 'jsonl']) {
    const { stdout } = await orgs('list', '--format', format);
    t.match(stdout, new RegExp(`${OSLO}.*none`));
    const out = file(`orgs.${format}`, stdout);
    const count = world.organisations.length;
    t.match(await orgs('import', out), { code: 0, stdout: `registered 0, changed 0, unchanged ${count}, faulty 0\n` });
    t.match(await empty.orgs('import', out), { code: 0 });
    t.equal((await empty.orgs('list', '--format', format)).stdout, stdout);
  }
  const reopening = file('reopen.csv', `orgnr,name,kommunenummer\n${OSLO},Oslo kommune,0301\n`);
  t.match(await orgs('import', reopening), { code: 1, stderr: 'line 2: roles are for an organisation that has ceased\n' });
});

t.test('a dry run where there is no store says what would be, and makes none', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'nowhere');
  const { orgs } = commandsIn(t, data);
  const csv = commandsIn(t, folder).file('orgs.csv', `orgnr,name\n${NEW},Ny\n${OTHER.slice(0, 8)},Feil\n`);
  const trial = await orgs('import', csv, '--dry-run');
  t.match(trial, { code: 1, stdout: /^would be registered 1, would be changed 0, unchanged 0, faulty 1\n$/, stderr: /line 3: orgnr/ });
  t.notOk(existsSync(data));
});
