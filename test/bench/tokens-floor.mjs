// What the signatures of a token cost by themselves: an assertion verified (RS256, 2048 bits) and a token signed, in a loop, on one thread or several. Prints the rate, and µs of CPU for each where it is one thread.
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

function loop({ algorithm, seconds }) {
  const client = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const issuer =
    algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 4096 });
  const assertion = Buffer.alloc(400, 'a');
  const token = Buffer.alloc(600, 'a');
  const signature = sign('sha256', assertion, client.privateKey);
  const once = () => {
    if (!verify('sha256', assertion, client.publicKey, signature)) throw new Error('it does not verify');
    sign('sha256', token, { key: issuer.privateKey, dsaEncoding: 'ieee-p1363' });
  };
  for (let i = 0; i < 20; i += 1) once();
  let count = 0;
  const before = process.cpuUsage();
  const begun = performance.now();
  const end = begun + seconds * 1000;
  while (performance.now() < end) {
    once();
    count += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return { rate: count / ((performance.now() - begun) / 1000), cpu: (user + system) / count };
}

if (isMainThread) {
  const [algorithm, seconds, threads] = process.argv.slice(2);
  const rates = Array.from({ length: Number(threads) }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { algorithm, seconds: Number(seconds) } });
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  const all = await Promise.all(rates);
  // Of the whole process: that of one thread only if it is alone.
  const [{ cpu }] = all;
  process.stdout.write(`${JSON.stringify({ rate: all.reduce((sum, { rate }) => sum + rate, 0), cpu })}\n`);
} else parentPort.postMessage(loop(workerData));
