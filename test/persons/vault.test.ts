import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { demoWorld } from '#demo';
import { type PersonNumber, toInstant } from '#domain';
import { openPersonVault, sealSecrets, unsealSecrets } from '#persons';

const [ada, bo] = demoWorld(toInstant(0)).persons.map(({ brukerIdent }) => brukerIdent) as [PersonNumber, PersonNumber];
const SECRETS = ['person-naming.secret', 'person-sealing.secret'];
const unavailable = { name: 'ProblemError', slug: 'store-unavailable' };

function folder(test: { teardown(end: () => unknown): void }): string {
  const made = mkdtempSync(join(tmpdir(), 'tilgang-persons-'));
  test.teardown(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'data');
}

t.test('a person has one name in an installation, another in the next, and it does not hold the number', async (t) => {
  const path = folder(t);
  const vault = await openPersonVault(path);
  const name = vault.nameOf(ada);
  t.match(name, /^[A-Za-z0-9_-]{43}$/);
  t.equal(vault.nameOf(ada), name);
  t.equal((await openPersonVault(path)).nameOf(ada), name, 'after a restart too');
  t.not(vault.nameOf(bo), name);
  t.not((await openPersonVault(folder(t))).nameOf(ada), name);
});

t.test('a name is the HMAC-SHA-256 of the number, for whatever secret and number', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const path = folder(t);
    const secret = randomBytes(32);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'person-naming.secret'), secret.toString('base64'), { mode: 0o600 });
    const vault = await openPersonVault(path);
    const numbers = Array.from({ length: 50 }, () => String(randomInt(1e11)).padStart(11, '0') as PersonNumber);
    const expected = numbers.map((number) => createHmac('sha256', secret).update(number).digest('base64url'));
    t.same(numbers.map(vault.nameOf), expected);
    t.equal(vault.nameOf(ada), createHmac('sha256', secret).update(ada).digest('base64url'));
  }
});

t.test('what has not eleven digits gets no name', async (t) => {
  const vault = await openPersonVault(folder(t));
  vault.nameOf(ada);
  for (const text of ['', ada.slice(1), `${ada}0`]) t.throws(() => vault.nameOf(text as PersonNumber), TypeError);
});

t.test('a sealed number differs each time and opens under its own name only', async (t) => {
  const vault = await openPersonVault(folder(t));
  const name = vault.nameOf(ada);
  const [first, second] = [vault.seal(ada, name), vault.seal(ada, name)];
  t.not(first, second);
  t.equal(vault.unseal(first, name), ada);
  t.equal(vault.unseal(second, name), ada);
  t.throws(() => vault.unseal(first, vault.nameOf(bo)), unavailable);
  const foreign = await openPersonVault(folder(t));
  t.throws(() => foreign.unseal(first, name), unavailable);
});

t.test('an altered or shortened sealed number does not open, whatever the place', async (t) => {
  const vault = await openPersonVault(folder(t));
  const name = vault.nameOf(ada);
  const sealed = Buffer.from(vault.seal(ada, name), 'base64url');
  for (const [i, byte] of sealed.entries()) {
    const altered = Buffer.from(sealed);
    altered[i] = byte ^ 1;
    t.throws(() => vault.unseal(altered.toString('base64url'), name), unavailable, `byte ${i}`);
  }
  for (const length of [0, 1, 12, 16, 27, 28, sealed.length - 1]) {
    t.throws(() => vault.unseal(sealed.subarray(0, length).toString('base64url'), name), unavailable, `${length} bytes`);
  }
});

t.test('many sealed texts open in their order under whichever key each was sealed', async (t) => {
  const vault = await openPersonVault(folder(t));
  const texts = Array.from({ length: 1000 }, (_, i) => ({ text: `bokstaver: æøå ${i}`, boundTo: `sted ${i}` }));
  const under = ({ text, boundTo }: (typeof texts)[number]) => ({ sealed: vault.sealText(text, boundTo), boundTo });
  const half = texts.slice(0, 500).map(under);
  vault.keys.use(await vault.keys.add());
  const all = [...half, ...texts.slice(500).map(under)];
  const plain = texts.map(({ text }) => text);
  for (const [from, until] of [
    [0, 1000],
    [0, 250],
    [990, 1000],
    [3, 3],
  ] as const)
    t.same(await vault.unsealTexts(all.slice(from, until)), plain.slice(from, until), `${from} to ${until}`);
  t.same(
    (await Promise.all([all, half].map((some) => vault.unsealTexts(some)))).map(({ length }) => length),
    [1000, 500],
  );
  const swapped = all.map((one, i) => (i === 700 ? { ...one, boundTo: 'another place' } : one));
  await t.rejects(vault.unsealTexts(swapped), unavailable);
});

t.test('where no thread may be started many texts open all the same', async (t) => {
  const path = folder(t);
  const script = `
    import { openPersonVault } from '#persons';
    const vault = await openPersonVault(process.argv[1]);
    const all = Array.from({ length: 100 }, (_, i) => ({ sealed: vault.sealText('x' + i, 'y'), boundTo: 'y' }));
    process.stdout.write((await vault.unsealTexts(all)).join());
  `;
  const allowed = ['--experimental-permission', '--allow-fs-read=*', '--allow-fs-write=*', '--no-warnings'];
  const child = spawn(process.execPath, [...allowed, '--input-type=module', '-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  t.equal(output, Array.from({ length: 100 }, (_, i) => `x${i}`).join());
});

t.test('only the owner may read the folder and the secrets, which are not alike', async (t) => {
  const path = folder(t);
  await openPersonVault(path);
  t.same(readdirSync(path).sort(), SECRETS, 'and nothing else is left behind');
  t.equal(statSync(path).mode & 0o777, 0o700);
  for (const name of SECRETS) t.equal(statSync(join(path, name)).mode & 0o777, 0o600);
  const [naming, sealing] = SECRETS.map((name) => readFileSync(join(path, name), 'utf8').trim());
  t.not(naming, sealing);
  t.equal(Buffer.from(naming as string, 'base64').length, 32);
});

t.test('processes that start together agree on the secrets', async (t) => {
  const path = folder(t);
  const script = `
    import { openPersonVault, sealSecrets, unsealSecrets } from '#persons';
    const vault = await openPersonVault(process.argv[1]);
    const name = vault.nameOf(process.argv[2]);
    process.stdout.write(name + ' ' + vault.seal(process.argv[2], name));
  `;
  const outputs = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, path, ada], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      for await (const chunk of child.stdout) output += String(chunk);
      return output;
    }),
  );
  const vault = await openPersonVault(path);
  for (const output of outputs) {
    const [name, sealed] = output.split(' ') as [ReturnType<typeof vault.nameOf>, string];
    t.equal(name, vault.nameOf(ada));
    t.equal(vault.unseal(sealed, name), ada);
  }
  t.same(readdirSync(path).sort(), SECRETS);
});

t.test('secrets may be handed in as files, and then none are made', async (t) => {
  const [one, other] = [folder(t), folder(t)];
  await openPersonVault(one);
  const [namingSecretFile, sealingSecretFile] = SECRETS.map((name) => join(one, name)) as [string, string];
  const vault = await openPersonVault(other, { namingSecretFile, sealingSecretFile });
  t.equal(vault.nameOf(ada), (await openPersonVault(one)).nameOf(ada));
  t.notOk(existsSync(other), 'nor a folder');
});

t.test('a secret that is missing or has another length is refused, and not quoted', async (t) => {
  const path = folder(t);
  await openPersonVault(path);
  const file = join(path, 'handed-in');
  for (const bytes of [0, 16, 31, 33, 64]) {
    const text = randomBytes(bytes).toString('base64');
    writeFileSync(file, text);
    const refused = openPersonVault(path, { namingSecretFile: file });
    await t.rejects(refused, { ...unavailable, detail: /does not hold 32 bytes/ }, `${bytes} bytes`);
    if (bytes > 0) t.notMatch(await refused.catch((error: Error) => error.message), text);
  }
  await t.rejects(openPersonVault(path, { sealingSecretFile: join(path, 'nowhere') }), {
    ...unavailable,
    detail: /is not there: put back/,
  });
});

t.test('secrets that are sealed at another cost than ours are refused before any of it is paid', async (t) => {
  const other = folder(t);
  await openPersonVault(other);
  const sealed = await sealSecrets(new Map(SECRETS.map((name) => [name, join(other, name)])), 'a long passphrase');
  t.same(Object.keys(await unsealSecrets(sealed, 'a long passphrase')), SECRETS);
  for (const cost of [{ p: 2 ** 24 }, { n: 2 }, { r: 1 }, { kdf: 'none' }]) {
    const refused = unsealSecrets({ ...sealed, ...cost } as typeof sealed, 'a long passphrase');
    await t.rejects(refused, { slug: 'copy-refused', message: /in another way/ });
  }
});
