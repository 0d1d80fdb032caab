import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkPolicy, findOpa, isPassed, newPolicyFolder, revisionAt, testPolicy } from '#authoring';
import { type BundleRevision, compareRevisions, isFault, parseBundleRevision } from '#domain';
import { temporaryFolder } from '../fixtures/gateway.js';
import { folderOf, opaOfSuite, root, SEARCH_RULE, shipped } from './policy-folder.js';

const opa = await opaOfSuite();

const TESTS = `package application_test

import data.application

test_both_pass if application.search == {"1"} with input as {"grants": [{"konsument": "1"}]}

test_opa_alone if data.closed[301]

test_module_alone if not data.closed[301]

test_traps if format_int(4294967296, 10) == "4294967296"

test_case[name] if {
	some name, n in {"one": 1, "two": 2}
	n == 1
}

test_clock if time.now_ns() == 5 with time.now_ns as 5

todo_test_later if false
`;

t.test('each test runs in OPA and in the engine, and a difference is no pass', async (t) => {
  const folder = folderOf(t, { 'application.rego': SEARCH_RULE, 'application_test.rego': TESTS, 'data.json': '{"closed": {"301": true}}' });
  const report = await testPolicy(opa, folder);
  const verdicts = Object.fromEntries(
    report.cases.map(({ name, opa, module }) => [name.replace('application_test.', ''), `${opa}, ${module}`]),
  );
  t.same(verdicts, {
    test_both_pass: 'passed, passed',
    test_opa_alone: 'passed, failed',
    test_module_alone: 'failed, passed',
    test_traps: 'passed, error',
    'test_case / one': 'passed, passed',
    'test_case / two': 'failed, failed',
    test_clock: 'passed, passed',
    todo_test_later: 'skipped, skipped',
  });
  t.notOk(isPassed(report));
  const failures = report.failures as string;
  t.match(failures, /application_test\.test_module_alone\n/);
  t.match(failures, /two: FAIL\n[\s\S]*n == 1\n[\s|]*2$/m, 'the values that were there');
  t.notMatch(failures, /test_both_pass|[0-9]ms\)|[\t ]$/m);
  t.match(report.cases.find(({ name }) => name.endsWith('both_pass'))?.at, { file: 'application_test.rego', row: 5 });
});

t.test('tests that the engine cannot run do not pass; without any there is nothing to pass', async (t) => {
  const needing = {
    'application.rego': SEARCH_RULE,
    'a_test.rego': 'package a_test\n\ntest_a if rego.parse_module("a.rego", "package a").package\n',
  };
  const report = await testPolicy(opa, folderOf(t, needing));
  t.match(report.moduleFault, /rego\.parse_module/);
  t.notOk(isPassed(report));
  t.same(
    report.cases.map(({ opa, module }) => [opa, module]),
    [['passed', 'error']],
  );
  await t.rejects(testPolicy(opa, folderOf(t, { 'application.rego': SEARCH_RULE })), { message: /there is no test/ });
  await t.rejects(testPolicy(opa, folderOf(t, { 'a_test.rego': 'package a_test\n\ntest_a if {' })), { message: /rego_parse_error/ });
});

t.test('a new folder passes all of it, and is brought up to date without touching what is the author’s', async (t) => {
  const folder = join(temporaryFolder(t), 'rules');
  const appId = '6f8b5a3e-0d6c-4d4c-9d2b-0a4c8f0f7a11';
  t.ok((await newPolicyFolder(shipped, folder, appId)).includes('.manifest'));
  t.same(await checkPolicy(opa, folder, shipped.schema), []);
  const report = await testPolicy(opa, folder);
  t.ok(report.cases.length >= 3 && isPassed(report));
  t.match(JSON.parse(readFileSync(join(folder, '.manifest'), 'utf8')), { metadata: { tilgang: { application: appId } } });
  writeFileSync(join(folder, 'schemas/access-input.json'), '{}');
  writeFileSync(join(folder, 'application.rego'), SEARCH_RULE);
  t.same(await newPolicyFolder(shipped, folder, undefined), ['schemas/access-input.json']);
  t.equal(readFileSync(join(folder, 'application.rego'), 'utf8'), SEARCH_RULE);
  t.equal(readFileSync(join(folder, 'schemas/access-input.json'), 'utf8'), readFileSync(shipped.schema, 'utf8'));
  await t.rejects(newPolicyFolder(shipped, folderOf(t, { 'letter.txt': '' }), undefined), { message: /is not empty/ });
});

t.test('without the OPA that bundles are built with, it is said which one is needed and where from', async (t) => {
  const folder = folderOf(t, { 'tools/opa-version': '1.22.0\n', opa: '#!/bin/sh\necho "Version: 0.1.0"\n' });
  chmodSync(join(folder, 'opa'), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  const refused = (message: RegExp) => ({ slug: 'authoring-refused', message });
  await t.rejects(findOpa({ program: folder }), refused(/^OPA 1\.22\.0 is needed \(opa is 0\.1\.0\): put the program `opa`/));
  const another = findOpa({ program: root, named: join(folder, 'opa') });
  await t.rejects(another, refused(/the variable OPA names another version \(.*opa is 0\.1\.0\)/));
  const nothing = findOpa({ program: root, named: join(folder, 'none') });
  await t.rejects(nothing, refused(/the variable OPA names no program that can be run/), 'what is named is not passed over');
  t.equal((await findOpa({ program: root, named: process.env['OPA'] })).version, '1.22.0');
});

t.test('a revision by the clock is one at every moment, and later ones are never less', async (t) => {
  for (const stepMs of [1000, 1] as const) {
    // Before noon in October, hour and minute may be a month behind a day.
    const from = Date.parse('2026-10-28T01:57:00Z');
    const revisions = Array.from({ length: 5000 }, (_, i) => revisionAt(from + i * stepMs, stepMs));
    t.same(
      revisions.filter((revision) => isFault(parseBundleRevision(revision))),
      [],
      `every ${stepMs} ms`,
    );
    const falls = revisions.filter(
      (revision, i) => i > 0 && compareRevisions(revisions[i - 1] as BundleRevision, revision as BundleRevision) > 0,
    );
    t.same(falls, [], 'no fall');
  }
  t.equal(revisionAt(Date.parse('2026-11-27T09:30:00Z')), '2026.11.27.093000');
  t.equal(revisionAt(Date.parse('2026-11-27T09:30:00.007Z'), 1), '2026.11.27.093000.7');
});
