// The compiler copies no other files: each API's description goes beside its compiled routes, as JSON, which is read ten times as fast, and
// style and pictures of the pages as they are.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

for (const file of readdirSync('src/http', { recursive: true, encoding: 'utf8' })) {
  if (/\.(css|svg)$/.test(file)) copyFileSync(`src/http/${file}`, `dist/http/${file}`);
  if (!file.endsWith('openapi.yaml')) continue;
  const description = parse(readFileSync(`src/http/${file}`, 'utf8'));
  writeFileSync(`dist/http/${file.replace(/yaml$/, 'json')}`, JSON.stringify(description));
}
