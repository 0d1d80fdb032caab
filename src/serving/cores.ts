import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * How many cores this process can keep busy: those that it may run on, or fewer if its control group (Linux, version 2) or one above it has a quota; a part
 * of a core counts only where there is no whole one.
 * @param root of the file system
 */
export function coresAllowed(root = '/'): number {
  const [, own] = /^0::(\/.*)$/m.exec(textOf(join(root, 'proc/self/cgroup'))) ?? [];
  let cores = availableParallelism();
  for (let group = own; group !== undefined; group = group === '/' ? undefined : dirname(group)) {
    const [quota, period] = textOf(join(root, 'sys/fs/cgroup', group, 'cpu.max'))
      .split(' ')
      .map(Number);
    // `max` where there is no bound; nothing of groups that cannot be seen from a container.
    if (quota !== undefined && period !== undefined && quota > 0 && period > 0) cores = Math.min(cores, quota / period);
  }
  return Math.max(1, Math.floor(cores));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
