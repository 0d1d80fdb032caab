// Writes what is made from tables: docs/configuration.md, docs/problems.md, docs/maskinporten-errors.md, and the wire types of each API's description.
// Usage: write-docs.mjs [--check]; with --check it only compares, and fails naming each file that is stale.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { configurationPage } from '../dist/config/index.js';
import { faultCatalogue } from '../dist/maskinporten/index.js';
import { catalogue } from '../dist/problem/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const made = {
  'docs/configuration.md': configurationPage(),
  'docs/problems.md': problemsPage(),
  'docs/maskinporten-errors.md': tokenErrorsPage(),
};
for (const api of readdirSync(join(root, 'src/http'), { recursive: true })) {
  if (api.endsWith('openapi.yaml')) made[`src/http/${api.replace('openapi.yaml', 'wire.gen.ts')}`] = await wireTypes(`src/http/${api}`);
}

if (process.argv.includes('--check')) {
  const stale = Object.entries(made).filter(([path, text]) => read(path) !== text);
  for (const [path] of stale) process.stderr.write(`${path} is stale: make generated\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  mkdirSync(join(root, 'docs'), { recursive: true });
  for (const [path, text] of Object.entries(made)) writeFileSync(join(root, path), text);
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

async function wireTypes(description) {
  const types = await openapiTS(pathToFileURL(join(root, description)), { silent: true });
  return `${COMMENT_HEADER}${astToString(types)}`;
}

function tokenErrorsPage() {
  const cell = (text) => text.replaceAll('|', '\\|');
  const lines = Object.entries(faultCatalogue).map(
    ([name, { status, error, text, meaning, remedy }]) =>
      `| \`${name}\` | ${status} \`${error}\` | ${cell(text)} | ${cell(meaning.en)} ${cell(remedy.en)} |`,
  );
  return [
    '<!-- Generated from src/maskinporten/token/fault-catalogue.ts by `make generated`; change it there. -->',
    '# Errors of the token endpoint',
    '',
    '`POST /maskinporten/token` answers an error as RFC 6749 §5.2 has it: `error`, `error_description`, `error_uri`. The description ends with',
    '`(trace_id: …)`, by which the operator finds the request; `error_uri` is `…/maskinporten/errors/` and the name of the first column, and is served.',
    '',
    '| name | status and `error` | text | what it means, and what to do |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

function problemsPage() {
  const sections = Object.entries(catalogue).map(([slug, { status, title, remedy, level, oauth, retryAfterSeconds }]) =>
    [
      `## ${slug}`,
      '',
      '| | |',
      '| --- | --- |',
      `| type | \`/problems/${slug}\` |`,
      `| status | ${status} |`,
      `| title | ${title} |`,
      `| what to do | ${remedy} |`,
      `| retry | ${retryAfterSeconds === undefined ? 'not before something is changed' : `after ${retryAfterSeconds} s (\`Retry-After\`)`} |`,
      ...(oauth === undefined ? [] : [`| \`error\` in \`WWW-Authenticate\` | \`${oauth}\` |`]),
      `| logged as | ${level} |`,
      '',
    ].join('\n'),
  );
  return [
    '<!-- Generated from src/problem/catalogue.ts by `make generated`; change it there. -->',
    '# Problems',
    '',
    'Errors are problem details (RFC 9457): `type` is stable and for programs to branch on, `title` and `status` belong to the type,',
    '`detail` and `errors` say what is wrong this time, `requestId` is the one of the header `X-Request-Id` and of the log.',
    '',
    ...sections,
  ].join('\n');
}
