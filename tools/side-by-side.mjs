// Runs tasks beside each other, the longest first. Knows nothing of tests.
import { spawn } from 'node:child_process';

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

/**
 * Runs every task, at most `jobs` at a time, and resolves when the last has ended.
 * @param tasks each `{ name, seconds, run, needs }`: how long it is expected to take, an async function that never rejects,
 *   and the names of the tasks that must have ended before (none if absent)
 */
export async function runSideBySide(tasks, jobs) {
  const waiting = [...tasks].sort((a, b) => b.seconds - a.seconds);
  const done = new Set();
  const known = new Set(tasks.map(({ name }) => name));
  await new Promise((resolve, reject) => {
    let busy = 0;
    const next = () => {
      while (busy < jobs) {
        const i = waiting.findIndex(({ needs = [] }) => needs.every((name) => done.has(name) || !known.has(name)));
        if (i < 0) break;
        const [{ name, run }] = waiting.splice(i, 1);
        busy += 1;
        run().then(() => {
          busy -= 1;
          done.add(name);
          next();
        }, reject);
      }
      if (busy === 0) resolve();
    };
    next();
  });
}

/**
 * Runs a program in a process group of its own, which ends with it: what it has left behind is killed.
 * Resolves to `{ code, signal, isLate, isCut, seconds, stdout, stderr }`; `isCut` if others held its output open.
 * @param limit called again and again for the milliseconds that it may take; absent, there is no limit
 * @param onMessage takes what a program of Node's sends to who started it
 */
export function runProgram(program, args, { cwd, env, limit, onOutput = () => {}, onMessage } = {}) {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const channel = onMessage === undefined ? [] : ['ipc'];
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', ...channel] });
    running.add(child);
    if (onMessage !== undefined) child.on('message', onMessage);
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        texts[name] += text;
        if (name === 'stdout') onOutput(text);
      });
    }
    let isLate = false;
    let isCut = false;
    let cutting;
    const watch = setInterval(() => {
      if (limit === undefined || performance.now() - startedMs < limit()) return;
      isLate = true;
      killGroup(child);
    }, 1000);
    const end = (code, signal) => {
      clearInterval(watch);
      clearTimeout(cutting);
      running.delete(child);
      killGroup(child);
      resolve({ code, signal, isLate, isCut, seconds: (performance.now() - startedMs) / 1000, ...texts });
    };
    child.once('error', (error) => {
      texts.stderr += `${error.message}\n`;
      end(null, null);
    });
    child.once('exit', (code, signal) => {
      cutting = setTimeout(() => {
        isCut = true;
        killGroup(child);
        for (const name of ['stdout', 'stderr']) child[name].destroy();
      }, 5000);
      child.once('close', () => end(code, signal));
    });
  });
}

function killGroup({ pid }) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
