// Loaded before the gateway (--import): SIGUSR2 begins a sampling profile, the next one ends it and writes it to BENCH_PROFILE.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const session = new Session();
  let running = false;
  process.on('SIGUSR2', async () => {
    running = !running;
    if (running) {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: Number(process.env.BENCH_PROFILE_MICROS) });
      await session.post('Profiler.start');
      return;
    }
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(process.env.BENCH_PROFILE, JSON.stringify(profile), { mode: 0o600 });
    session.disconnect();
  });
}
