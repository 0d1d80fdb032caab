// Runs the checks, every test and the policies' own beside each other, the longest first, and then looks for person numbers
// in what the tested processes logged. The last line is `N passed, N failed`; each counts one check, one assertion of tap or
// one test of OPA. Usage: run-tests.mjs [test/x.test.ts …]; with files it compiles and runs only these, and prints what they say.
// Without files, a few that fail run once more when nothing else does: what passes then is printed as UNSTEADY with its first failure, so that a busy
// machine does not stop a release and nobody can overlook it. Only that second run names lines of the sources.
// What tests MongoDB, and the files of mongodb-half.mjs once more, run on one MongoDB server: the one that MONGODB_URI names, else one that is started
// for the run. STORE=mongodb in the environment runs all files there instead.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failureOf, listChecks, POLICY_FOLDERS, TYPES_OF_TESTS } from './checks.mjs';
import { personNumbersIn } from './log-search.mjs';
import { dropDatabases, startMongoServer, whyNoServer } from './mongo-server.mjs';
import { MONGODB_TOO } from './mongodb-half.mjs';
import { findOpa } from './opa.mjs';
import { runProgram, runSideBySide } from './side-by-side.mjs';
import { runTestFiles } from './test-files.mjs';
import { groupsOf, LONGEST_ON_MONGODB } from './test-groups.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const LOGS = 'build/test-logs';
const TAP = 'build/tap';
/** What the processes of this run share. */
const RUN = 'build/run';
const TIMES = 'build/test-times.json';
const POLICY_TESTS = 'tests of the policies';
const count = { passed: 0, failed: 0 };
const skips = [];
/** So many files that fail may be the machine's doing; more are not. */
const MOST_UNSTEADY = 4;
/** The files that have failed once, as tasks that say whether they fail again. */
const failedOnce = [];
const times = {};
/** What has run on MongoDB. */
const onMongo = [];
/** What the names of the databases begin with that the fixtures make. */
const DATABASES = 'suite-';
let worlds = 0;

// OPA runs for moments and has room: its collector of garbage otherwise takes a quarter of its time.
process.env.GOGC ??= '400';
// What a test sees of the environment must not depend on who started it.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|tilgang_|tap)/i.test(name)));
Object.assign(env, { OPA: findOpa(), RUN_FOLDER: join(root, RUN) });
const asked = process.argv.slice(2).map((file) => file.replace(/^\.\//, ''));
const strange = asked.filter((file) => !/^test\/.*\.test\.ts$/.test(file) || !existsSync(join(root, file)));
if (strange.length > 0) {
  process.stderr.write(`${strange.join(', ')}: no file like test/domain/instant.test.ts, from the root of the checkout\n`);
  process.exit(2);
}
for (const folder of [LOGS, TAP, RUN]) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
}
const isAllOnMongo = process.env.STORE === 'mongodb';
const mongo = isAllOnMongo || asked.length === 0 || asked.some(isAboutMongo) ? await serverOfRun() : undefined;
const before = timesBefore();
const tasks =
  asked.length > 0
    ? [...checkTasks().filter(({ name }) => name === TYPES_OF_TESTS), ...asked.map((file) => groupTask([file]))]
    : allTasks();
// One more than there are cores: a test often waits for the disk. Two more cost a tenth of CPU, and time (0102).
await runSideBySide(tasks, availableParallelism() + 1);
for (const again of failedOnce) await again(failedOnce.length <= MOST_UNSTEADY);
if (mongo !== undefined) {
  await dropDatabases(mongo.uri, DATABASES);
  mongo.stop();
}
rmSync(join(root, RUN), { recursive: true, force: true });
searchLogs();
if (asked.length === 0) tellTimes();
for (const skip of skips) process.stdout.write(`SKIP ${skip}\n`);
if (onMongo.length > 0) process.stdout.write(`on MongoDB (${mongo.name}): ${onMongo.sort().join(', ')}\n`);
process.stdout.write(`${count.passed} passed, ${count.failed} failed${skips.length > 0 ? `, ${skips.length} skipped` : ''}\n`);
process.exitCode = count.failed > 0 ? 1 : 0;

/** The MongoDB server of this run, for all who want one; undefined if there is none. */
async function serverOfRun() {
  const missing = whyNoServer(root);
  if (missing === undefined) {
    const server = await startMongoServer(root);
    Object.assign(env, { MONGODB_URI: server.uri, MONGODB_NAME: server.name });
    return server;
  }
  if (isAllOnMongo) throw new Error(missing);
  if (asked.length === 0) skips.push(...MONGODB_TOO.map((file) => `${file} on MongoDB: ${missing}`));
  return undefined;
}

function isAboutMongo(file) {
  return /mongodb/.test(file);
}

function allTasks() {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.test.ts'));
  if (files.length === 0) fail('test', 'holds no test');
  const inGroups = (some, isOnMongo) =>
    groupsOf(some, {
      root,
      secondsOf: (file) => secondsOf(file, nameOf(file, isOnMongo)),
      ...(isAllOnMongo && { longest: LONGEST_ON_MONGODB }),
    }).map((group) => groupTask(group, isOnMongo));
  const once = inGroups(files, isAllOnMongo);
  const twice = mongo === undefined || isAllOnMongo ? [] : inGroups(MONGODB_TOO, true);
  return [...checkTasks(), { name: POLICY_TESTS, seconds: 1, run: runPolicyTests }, ...once, ...twice];
}

function checkTasks() {
  return listChecks().map((check) => ({
    ...check,
    async run() {
      const failure = await failureOf(check);
      if (failure === undefined) count.passed += 1;
      else fail(check.name, failure);
    },
  }));
}

function nameOf(file, isOnMongo) {
  return isOnMongo ? `${file} on MongoDB` : file;
}

/** @param files run in one process @param isOnMongo whether every gateway of theirs keeps its documents in MongoDB */
function groupTask(files, isOnMongo = isAllOnMongo) {
  const named = (file) => nameOf(file, isOnMongo);
  return {
    name: named(files[0]),
    seconds: files.reduce((sum, file) => sum + secondsOf(file, named(file)), 0),
    needs: [TYPES_OF_TESTS],
    async run() {
      for (let left = files; left.length > 0; ) {
        const results = await runFiles(left, isOnMongo, asked.length > 0);
        for (const result of results) take(result, named(result.file), isOnMongo);
        // What comes behind a file with which the process ended has not begun.
        left = left.slice(results.length);
      }
    },
  };
}

function take(first, name, isOnMongo) {
  const { file } = first;
  times[name] = first.seconds;
  if (isOnMongo || (isAboutMongo(file) && mongo !== undefined)) onMongo.push(file);
  if (first.failures.length === 0 || asked.length > 0) return tell(file, name, first);
  process.stdout.write(`not ok ${name} ${first.passed} ${first.seconds.toFixed(1)} s\n`);
  failedOnce.push(async (mayRunAgain) => {
    const [second] = mayRunAgain ? await runFiles([file], isOnMongo, true) : [first];
    if (second.failures.length === 0) for (const { title, text } of first.failures) print('UNSTEADY', title.replace(file, name), text);
    tell(file, name, second);
  });
}

/** @param isMapped as runTestFiles: in a run of all only what has failed */
async function runFiles(files, isOnMongo, isMapped) {
  worlds += 1;
  const tag = `${DATABASES}${worlds}-`;
  const own = isOnMongo ? { ...env, SUITE_MONGODB_URI: mongo.uri, SUITE_TAG: tag } : env;
  const out = files[0].replace(/^test\//, isOnMongo ? 'on-mongodb/' : '').replace(/\.ts$/, '.tap');
  const results = await runTestFiles(root, files, own, join(root, TAP, out), isMapped);
  if (isOnMongo) await dropDatabases(mongo.uri, tag);
  return results;
}

function tell(file, name, { seconds, passed, failures, skipped, told }) {
  count.passed += passed;
  for (const { title, text } of failures) fail(title.replace(file, name), text);
  skips.push(...skipped.map((title) => title.replace(file, name)));
  for (const text of told) process.stdout.write(`${text}\n`);
  process.stdout.write(`${failures.length === 0 ? 'ok' : 'not ok'} ${name} ${passed} ${seconds.toFixed(1)} s\n`);
}

/** What it took last time; else what its first line says (`// Takes about 60 s`); else what files of its length take. */
function secondsOf(file, name) {
  const text = readFileSync(join(root, file), 'utf8');
  const said = text.match(/^\/\/ Takes about ([0-9]+) s\b/)?.[1];
  return before[name] ?? (said === undefined ? statSync(join(root, file)).size / 3000 : Number(said));
}

function timesBefore() {
  try {
    return JSON.parse(readFileSync(join(root, TIMES), 'utf8'));
  } catch {
    return {};
  }
}

function tellTimes() {
  writeFileSync(join(root, TIMES), JSON.stringify(times, null, 2));
  const slowest = Object.entries(times).sort(([, a], [, b]) => b - a);
  for (const [file, seconds] of slowest.slice(0, 10)) process.stdout.write(`${seconds.toFixed(1).padStart(6)} s ${file}\n`);
}

function fail(title, text) {
  count.failed += 1;
  print('FAIL', title, text);
}

function print(word, title, text) {
  process.stderr.write(`${word} ${title}\n${text.replace(/^(?=.)/gm, '  ')}\n`);
}

function searchLogs() {
  const { files, places } = personNumbersIn(join(root, LOGS));
  if (files === 0 && asked.length === 0) return fail(LOGS, 'is empty: no tested process has logged');
  // Only the place is told.
  for (const place of places) fail(`${LOGS}/${place}`, 'holds a person number');
  if (places.length === 0) count.passed += 1;
}

async function runPolicyTests() {
  const run = await runProgram(findOpa(), ['test', '--format', 'json', ...POLICY_FOLDERS], {
    cwd: root,
  });
  let results = [];
  try {
    results = JSON.parse(run.stdout);
  } catch {
    // Told below.
  }
  if (!Array.isArray(results) || results.length === 0) return fail(POLICY_TESTS, `gave no result\n${run.stderr}${run.stdout}`);
  for (const { location, name, fail: isFailed, error, skip } of results) {
    if (skip) skips.push(`${location.file}:${location.row} ${name}: todo_`);
    else if (isFailed || error) fail(`${location.file}:${location.row} ${name}`, JSON.stringify(error ?? ''));
    else count.passed += 1;
  }
}
