import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { DIBK, FHI, OSLO } from '../fixtures/maskinporten.js';

const demoIn = (data: string) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data });

t.test('an import of relations names each faulty line and takes in the others; a dry run writes nothing', async (t) => {
  const { data } = await demoFolder(t);
  const file = join(data, 'relations.csv');
  writeFileSync(
    file,
    [
      'provider,client,packages,until',
      `${DIBK},${OSLO},,`,
      `${DIBK},${DIBK},,`,
      `${DIBK},x,,`,
      `${DIBK},${FHI},finnes-ikke,`,
      `${DIBK},${FHI},Store Bokstaver,`,
      `${DIBK},${FHI},,i morgen`,
    ].join('\n'),
  );
  for (const args of [['--dry-run'], []]) {
    const { code, stdout, stderr } = await runInside(['relations', 'import', ...args, file], demoIn(data));
    const would = args.length > 0 ? 'would be ' : '';
    t.match({ code, stdout }, { code: 1, stdout: `${would}registered 0, ${would}changed 0, unchanged 1, faulty 5\n` });
    t.match(stderr, /^line 3: client is the provider itself$/m);
    t.match(stderr, /^line 4: client /m);
    t.match(stderr, /^line 5: packages names a package that there is not$/m);
    t.match(stderr, /^line 6: packages are not names of packages$/m);
    t.match(stderr, /^line 7: until /m);
  }
});
