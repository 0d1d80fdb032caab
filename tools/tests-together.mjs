// The program that tests run in: files one after another in one process, so that what they share is loaded and compiled once. A file's tests follow what its
// loading says. Usage: tests-together.mjs dist-test/x.test.js …
import { pathToFileURL } from 'node:url';
import t from 'tap';

const TIMEOUT_MS = Number(process.env.TAP_TIMEOUT) * 1000;

for (const file of process.argv.slice(2)) {
  await t.test(`loads ${file}`, async () => {
    // From now, and not with the others: each file has its own time, and may say another.
    t.setTimeout(TIMEOUT_MS);
    await import(pathToFileURL(file).href);
  });
}
