// Runs files of tests, as they are compiled, in one process, and reads what it says (TAP 14).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { Parser } from 'tap-parser';
import { runProgram } from './side-by-side.mjs';

/** As `.taprc` has it; a file that needs longer says so with `t.setTimeout`. */
const TIMEOUT_SECONDS = 300;
/** For what tap itself cannot stop: a loop without end, a process that does not end. */
const GRACE_SECONDS = 30;

/** What a test runs with. */
const OPTIONS = ['--require', './tools/without-hooks.cjs'];
/** What runs them, and what it calls the loading of each. */
const TOGETHER = 'tools/tests-together.mjs';
const LOADS = /^loads dist-test\//;
/** Failures name lines of the sources; reading the maps takes each process 0.2 s. */
const MAPPED = '--enable-source-maps';

/** Where `test/x.test.ts` is compiled to. */
export const compiledOf = (file) => file.replace(/^test\//, 'dist-test/').replace(/\.ts$/, '.js');

/**
 * Runs files such as `test/x.test.ts` one after another in one process and resolves to `{ file, seconds, passed, failures, skipped, told }` of each: how many
 * assertions have passed, of the others `{ title, text }` each, and what the file wants said in public (`t.comment('told: …')`).
 * A file that ends before its time, or late, or without a test has a failure that says so; files behind one with which the process ended are left out.
 * @param out the file that keeps what they said
 * @param isMapped whether failures name lines of the sources instead of the compiled file
 */
export async function runTestFiles(root, files, env, out, isMapped) {
  const lost = files.filter((file) => !existsSync(join(root, compiledOf(file))));
  if (lost.length > 0) {
    const failuresOf = (file) => [{ title: file, text: 'is not compiled: tsc -p test' }];
    return files.map((file) => ({
      file,
      seconds: 0,
      passed: 0,
      skipped: [],
      told: [],
      failures: lost.includes(file) ? failuresOf(file) : [],
    }));
  }
  const begunMs = performance.now();
  let since = { atMs: begunMs, timeoutMs: TIMEOUT_SECONDS * 1000 };
  const { parts, parser } = listen();
  const run = await runProgram(process.execPath, [...OPTIONS, ...(isMapped ? [MAPPED] : []), TOGETHER, ...files.map(compiledOf)], {
    cwd: root,
    env: { ...env, TAP_TIMEOUT: String(TIMEOUT_SECONDS) },
    limit: () => since.atMs - begunMs + since.timeoutMs + GRACE_SECONDS * 1000,
    onOutput: (text) => parser.write(text),
    // Tap tells what `t.setTimeout` says, which is from then on.
    onMessage: (message) => {
      since = { atMs: performance.now(), timeoutMs: Number(message?.setTimeout) || TIMEOUT_SECONDS * 1000 };
    },
  });
  parser.end();
  // All of it, for who looks closer.
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, run.stdout + run.stderr.replace(/^(?=.)/gm, '# '));
  // Of a process that says nothing the first file is to blame.
  if (parts.length === 0) parts.push({ begunMs, assertions: [], told: [] });
  const ends = [...parts.slice(1).map((part) => part.begunMs), performance.now()];
  const read = parts.map((part, i) => {
    const file = files[i];
    return { file, seconds: (ends[i] - (i === 0 ? begunMs : part.begunMs)) / 1000, told: part.told, ...resultOf(file, part, run.stderr) };
  });
  blame(read, files, parser.results, run);
  return read;
}

/**
 * The innermost assertions, by the file that makes them. A test that failed although all inside it passed (no plan, time-out) counts as one,
 * and so does one that is skipped with all that it holds.
 */
function listen() {
  const parts = [];
  const follow = (parser, isRoot) => {
    let failedInside = 0;
    let hasChild = false;
    parser.on('child', (child) => {
      hasChild = true;
      if (isRoot && LOADS.test(child.name)) parts.push({ begunMs: performance.now(), assertions: [], told: [] });
      const { assertions } = parts.at(-1);
      const before = assertions.length;
      follow(child, false);
      child.on('complete', () => {
        failedInside = assertions.slice(before).filter(({ ok }) => !ok).length;
      });
    });
    parser.on('comment', (text) => parts.at(-1)?.told.push(...(text.match(/(?<=^# told: ).*/) ?? [])));
    parser.on('assert', (assertion) => {
      const isLoaded = isRoot && assertion.ok && LOADS.test(assertion.name);
      if (!isLoaded && (!hasChild || (!assertion.ok && failedInside === 0))) parts.at(-1)?.assertions.push(assertion);
      hasChild = false;
      failedInside = 0;
    });
  };
  const parser = new Parser();
  follow(parser, true);
  return { parts, parser };
}

function resultOf(file, { assertions }, stderr) {
  const isSkipped = ({ skip, todo }) => skip !== false || todo !== false;
  const titleOf = ({ fullname, name }) => readable(`${file} > ${fullname || name}`, 400);
  const counted = assertions.filter((one) => !isSkipped(one));
  // What nobody has caught ends the process and stands on its standard error.
  const thrown = ({ name }) => (name === 'test unfinished' ? readable(`${stderr}\n`, 4000) : '');
  const failures = counted.filter(({ ok }) => !ok).map((one) => ({ title: titleOf(one), text: thrown(one) + textOf(one.diag) }));
  const skipped = assertions.filter(isSkipped).map((one) => titleOf(one) + reasonOf(one));
  if (assertions.length === 0) failures.push({ title: file, text: readable(`has no test\n${stderr}`, 4000) });
  return { passed: counted.length - counted.filter(({ ok }) => !ok).length, failures, skipped };
}

/** Adds what is wrong with the process: to the file that was under way, and to all where nobody can tell. */
function blame(read, files, results, { code, signal, isLate, isCut, stderr }) {
  const last = read.at(-1);
  const fault = ({ file, failures }, text) => failures.push({ title: file, text: readable(`${text}\n${stderr}`, 4000) });
  const isBroken = signal !== null || read.length < files.length || (results?.failures ?? []).some(({ tapError }) => Boolean(tapError));
  if (isLate) fault(last, 'has not ended in its time and was killed');
  else if (isCut)
    for (const one of read)
      fault(one, `${read.length > 1 ? 'these files together ' : ''}left processes behind that held their output open`);
  else if (results?.bailout) fault(last, `bailed out: ${results.bailout}`);
  else if (
    last.failures.length === 0 &&
    (isBroken || ((code !== 0 || !results?.ok) && read.every(({ failures }) => failures.length === 0)))
  )
    fault(last, `ended with ${code ?? signal} and names no failure: ${planOf(results)}`);
}

/** Empty where the title itself is the reason (`t.skip('no small disk here')`). */
const reasonOf = ({ skip, todo }) =>
  [skip, todo]
    .filter((reason) => typeof reason === 'string' && reason !== '')
    .map((reason) => `: ${reason}`)
    .join('');

const planOf = (results) =>
  (results?.failures ?? []).map(({ tapError, name }) => tapError ?? name).join('; ') || 'its output has broken off';

/** What a failure says, so short that others can be read beside it, and without the numbers of persons. */
function textOf(diag) {
  if (diag === undefined || diag === null) return '';
  const { at, stack, source, diff, ...rest } = diag;
  const place = at === undefined ? '' : `at ${at.fileName}:${at.lineNumber}:${at.columnNumber}\n`;
  return readable(`${place}${diff ?? inspect(rest)}\n${source ?? ''}${stack ?? ''}`, 4000);
}

function readable(text, length) {
  const masked = text.replace(/(?<![0-9])[0-9]{11}(?![0-9])/g, '<eleven digits>');
  return masked.length <= length ? masked : `${masked.slice(0, length)} …`;
}
