import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { coresAllowed } from '#serving';
import { temporaryFolder } from '../fixtures/gateway.js';

t.test('the cores that a process may use are those of the machine, or the least quota of its control groups', async (t) => {
  const root = temporaryFolder(t);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  t.equal(coresAllowed(root), availableParallelism(), 'no control groups');
  write('proc/self/cgroup', '1:name=systemd:/x\n0::/system.slice/tilgang.service\n');
  write('sys/fs/cgroup/cpu.max', 'max 100000\n');
  write('sys/fs/cgroup/system.slice/tilgang.service/cpu.max', 'max 100000\n');
  t.equal(coresAllowed(root), availableParallelism(), 'none that bounds');
  write('sys/fs/cgroup/system.slice/tilgang.service/cpu.max', '25000 50000\n');
  t.equal(coresAllowed(root), 1, 'half a core is one worker');
  write('sys/fs/cgroup/system.slice/tilgang.service/cpu.max', `${availableParallelism()}00000 100000\n`);
  t.equal(coresAllowed(root), availableParallelism());
  write('sys/fs/cgroup/system.slice/cpu.max', '150000 100000\n');
  t.equal(coresAllowed(root), 1, 'one above it has less');
});
