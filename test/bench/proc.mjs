// What Linux says of a process: CPU time of all its threads, and memory.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The process and those that it has started. */
function family(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap(family))];
}

/** Microseconds of CPU, user and system, of all threads of a process and of those that it has started, since the start. */
export function cpuMicros(pid) {
  return family(pid).reduce((sum, one) => sum + ownCpuMicros(one), 0);
}

/** The same of a process and of those that it has started and that have ended. */
export function cpuMicrosWithEnded(pid) {
  return microsOf(pid, 4);
}

function ownCpuMicros(pid) {
  return microsOf(pid, 2);
}

/** @param count of the times that Linux keeps: user and system, of the process; the same of its children that have ended */
function microsOf(pid, count) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold blanks; utime, stime, cutime and cstime are the fields 14 to 17, counted from 1.
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 11 + count);
  return (times.reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond) * 1e6;
}

/** Microseconds of CPU of the threads that a process has, by the scheduler's own count: exact, where ticks are 10 ms each. What threads took that have ended is not in it. */
export function exactCpuMicros(pid) {
  const ns = readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return ns.reduce((sum, one) => sum + Number(one), 0) / 1000;
}

/** MiB, of a process and of those that it has started: resident now, the most so far, which part is their own and which part pages of files (the store's map). */
export function memory(pid) {
  const all = family(pid).map(ownMemory);
  const sum = (field) => all.reduce((total, one) => total + one[field], 0);
  return { rss: sum('rss'), peak: sum('peak'), own: sum('own'), files: sum('files') };
}

function ownMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { rss: mib('VmRSS'), peak: mib('VmHWM'), own: mib('RssAnon'), files: mib('RssFile') };
}
