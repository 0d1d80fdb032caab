// Runs one file of tests, as it is compiled, in a process of its own, and reads what it says (TAP 14).
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
/** Failures name lines of the sources; reading the maps takes each process 0.2 s. */
const MAPPED = '--enable-source-maps';

/** Where `test/x.test.ts` is compiled to. */
export const compiledOf = (file) => file.replace(/^test\//, 'dist-test/').replace(/\.ts$/, '.js');

/**
 * Runs a file such as `test/x.test.ts` and resolves to
 * `{ seconds, passed, failures, skipped, told }`: how many assertions have passed, of the others `{ title, text }` each, and what the file
 * wants said in public (`t.comment('told: …')`).
 * A file that ends before its time, or late, or without a test has a failure that says so.
 * @param out the folder that keeps its output
 * @param isMapped whether failures name lines of the sources instead of the compiled file
 */
export async function runTestFile(root, file, env, out, isMapped) {
  const compiled = compiledOf(file);
  if (!existsSync(join(root, compiled))) {
    return { seconds: 0, passed: 0, skipped: [], told: [], failures: [{ title: file, text: 'is not compiled: tsc -p test' }] };
  }
  let timeoutMs = TIMEOUT_SECONDS * 1000;
  const { assertions, told, parser } = listen();
  const run = await runProgram(process.execPath, [...OPTIONS, ...(isMapped ? [MAPPED] : []), compiled], {
    cwd: root,
    env: { ...env, TAP_TIMEOUT: String(TIMEOUT_SECONDS) },
    limit: () => timeoutMs + GRACE_SECONDS * 1000,
    onOutput: (text) => parser.write(text),
    // Tap tells what `t.setTimeout` says.
    onMessage: (message) => {
      timeoutMs = Math.max(timeoutMs, Number(message?.setTimeout) || 0);
    },
  });
  parser.end();
  // All of it, for who looks closer.
  const kept = join(out, file.replace(/^test\//, '').replace(/\.ts$/, '.tap'));
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, run.stdout + run.stderr.replace(/^(?=.)/gm, '# '));
  return { seconds: run.seconds, told, ...resultOf(file, assertions, parser.results, run) };
}

/**
 * The innermost assertions. A test that failed although all inside it passed (no plan, time-out) counts as one,
 * and so does one that is skipped with all that it holds.
 */
function listen() {
  const assertions = [];
  const told = [];
  const follow = (parser) => {
    let failedInside = 0;
    let hasChild = false;
    parser.on('child', (child) => {
      hasChild = true;
      const before = assertions.length;
      follow(child);
      child.on('complete', () => {
        failedInside = assertions.slice(before).filter(({ ok }) => !ok).length;
      });
    });
    parser.on('comment', (text) => told.push(...(text.match(/(?<=^# told: ).*/) ?? [])));
    parser.on('assert', (assertion) => {
      if (!hasChild || (!assertion.ok && failedInside === 0)) assertions.push(assertion);
      hasChild = false;
      failedInside = 0;
    });
  };
  const parser = new Parser();
  follow(parser);
  return { assertions, told, parser };
}

function resultOf(file, assertions, results, { code, signal, isLate, isCut, stderr }) {
  const isSkipped = ({ skip, todo }) => skip !== false || todo !== false;
  const titleOf = ({ fullname, name }) => readable(`${file} > ${fullname || name}`, 400);
  const counted = assertions.filter((one) => !isSkipped(one));
  // What nobody has caught ends the process and stands on its standard error.
  const thrown = ({ name }) => (name === 'test unfinished' ? readable(`${stderr}\n`, 4000) : '');
  const failures = counted.filter(({ ok }) => !ok).map((one) => ({ title: titleOf(one), text: thrown(one) + textOf(one.diag) }));
  const skipped = assertions.filter(isSkipped).map((one) => titleOf(one) + reasonOf(one));
  const fault = (text) => failures.push({ title: file, text: readable(`${text}\n${stderr}`, 4000) });
  if (isLate) fault('has not ended in its time and was killed');
  else if (isCut) fault('left processes behind that held its output open');
  else if (results?.bailout) fault(`bailed out: ${results.bailout}`);
  else if (failures.length === 0 && (code !== 0 || !results?.ok))
    fault(`ended with ${code ?? signal} and names no failure: ${planOf(results)}`);
  if (counted.length + skipped.length === 0 && failures.length === 0) fault('has no test');
  return { passed: counted.length - counted.filter(({ ok }) => !ok).length, failures, skipped };
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
