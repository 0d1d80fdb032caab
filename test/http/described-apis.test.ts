import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import t from 'tap';

/** A name of the table as a file is called. */
const fileOf = (name: string): string => `${name.replaceAll(/[^a-z]+/g, '-')}.test.ts`;
const testsIn = (folder: string): string[] => readdirSync(`test/http/${folder}`).filter((name) => name.endsWith('.test.ts'));

t.test('the access of every API of the table is tried', async (t) => {
  const { describedApis, openApis } = await import('../fixtures/described-apis.js');
  const names = Object.keys(describedApis).filter((name) => !openApis.includes(name));
  t.ok(names.length >= 5);
  t.same(testsIn('access-matrix').sort(), names.map(fileOf).sort());
  for (const name of names) {
    t.ok(readFileSync(`test/http/access-matrix/${fileOf(name)}`, 'utf8').includes(`tryAccess('${name}');`), name);
  }
});

t.test('every description is fuzzed, and its examples are sent', async (t) => {
  const folders = readdirSync('src/http', { recursive: true, encoding: 'utf8' });
  const described = folders.filter((folder) => existsSync(`src/http/${folder}/openapi.yaml`)).map((folder) => basename(folder));
  t.ok(described.length >= 3);
  t.same(testsIn('schemathesis').sort(), described.map(fileOf).sort());
  for (const name of described) {
    t.ok(readFileSync(`test/http/schemathesis/${fileOf(name)}`, 'utf8').includes(`fuzz('${name}');`), name);
  }
});
