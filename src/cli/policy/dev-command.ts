import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  buildBundle,
  checkPolicy,
  folderMetadata,
  isPassed,
  makeKeyPair,
  type Opa,
  openPolicyFolder,
  readPrivateKey,
  readPublicKey,
  revisionAt,
  signTarball,
  testPolicy,
} from '#authoring';
import type { AppId } from '#domain';
import { ProblemError } from '#problem';
import { WHERE_HELP, withGateway } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { findingLine, reportLines } from './folder-commands.js';
import { APP, applicationOf, onShelf, type WhereOptions } from './on-shelf.js';
import type { Shelf } from './shelf.js';

/** An editor writes several files, or one in several steps. */
const SETTLES_AFTER_MS = 150;

/** `tilgang policy dev`. @param done is told 1 if --once found something wrong */
export function devCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return withGateway(new Command('dev').option(...APP))
    .description('at each save: check, test, build, sign, and let the gateway judge by it')
    .argument('[folder]', 'the policy folder', '.')
    .option('--key <file>', 'the private key that it is signed with; default: .tilgang/dev.pem of the folder, which is made')
    .option('--once', 'do it once and end; with 1 if something is wrong')
    .addHelpText(
      'after',
      `${WHERE_HELP}

For a demo gateway: what is saved judges at once. The key is registered under the id of its file. A fault leaves what judges as it is. Ctrl-C ends it.

  $ make run                                in one terminal
  $ tilgang policy dev rules                in another one`,
    )
    .action(async (folder: string, options: WhereOptions & { key?: string; once?: true }, command: Command) => {
      const appId = await applicationOf(command, options, await folderMetadata(folder));
      const opa = await ports.authoring.opa();
      await onShelf(ports, command, options, async (shelf) => {
        const pem = await devKey(folder, options.key);
        const kid = `dev-${appId.slice(0, 8)}`;
        await register(shelf, appId, kid, pem);
        const parts = { opa, schema: ports.authoring.shipped.schema, folder, shelf, appId, kid, pem };
        const isDone = await ship(parts);
        if (options.once) return isDone ? undefined : done(1);
        await shipAtEachSave(parts);
      });
    });
}

interface Shipping {
  readonly opa: Opa;
  readonly schema: string;
  readonly folder: string;
  readonly shelf: Shelf;
  readonly appId: AppId;
  readonly kid: string;
  readonly pem: string;
}

/** The key of a folder, made at the first time. */
async function devKey(folder: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return readFile(named, 'utf8');
  const file = join(folder, '.tilgang/dev.pem');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  const { privatePem } = makeKeyPair('ES256');
  await mkdir(join(folder, '.tilgang'), { recursive: true });
  await writeFile(join(folder, '.tilgang/.gitignore'), '*\n');
  await writeFile(file, privatePem, { mode: 0o600 });
  return privatePem;
}

async function register(shelf: Shelf, appId: AppId, kid: string, pem: string): Promise<void> {
  const owner = await shelf.ownerOf(appId);
  const { algorithm, key } = readPublicKey(pem);
  await shelf.addKey(owner, { kid, algorithm, jwk: key.export({ format: 'jwk' }) as Record<string, unknown>, scope: appId });
}

/** Whether it judges now; what is wrong is said. */
async function ship({ opa, schema, folder, shelf, appId, kid, pem }: Shipping): Promise<boolean> {
  try {
    const found = await checkPolicy(opa, folder, schema);
    process.stdout.write(found.map((one) => findingLine(folder, one)).join(''));
    if (found.some(({ kind }) => kind === 'fault')) return notShipped();
    const report = await testPolicy(opa, folder);
    process.stdout.write(reportLines(folder, report));
    if (!isPassed(report)) return notShipped();
    // Two saves in one second are two revisions.
    const revision = revisionAt(Date.now(), 1);
    const tarball = await buildBundle(opa, await openPolicyFolder(folder), { revision });
    const signed = await signTarball(tarball, readPrivateKey(pem), { kid, scope: appId, now: Date.now() });
    const { bundle } = await shelf.push(appId, signed);
    await shelf.activate(appId, bundle.revision, undefined);
    const warnings = bundle.warnings.map((warning) => `, warning: ${warning}`).join('');
    process.stdout.write(`${report.cases.length} tests passed; revision ${revision} judges in ${shelf.where}${warnings}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    process.stdout.write(`${error.message} (${error.slug})\n`);
    return notShipped();
  }
}

function notShipped(): false {
  process.stdout.write('not shipped: what judges goes on\n');
  return false;
}

/** Until Ctrl-C. */
async function shipAtEachSave(parts: Shipping): Promise<void> {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  process.stdout.write(`watching ${parts.folder}; Ctrl-C ends it\n`);
  let shipping: Promise<unknown> = Promise.resolve();
  let settling: NodeJS.Timeout | undefined;
  const watcher: FSWatcher = watch(parts.folder, { recursive: true, signal: over.signal });
  watcher.on('change', (_event, name) => {
    if (!/(\.rego|\.json|\.ya?ml|\.manifest)$/.test(String(name)) || /(^|[\\/])\.tilgang/.test(String(name))) return;
    clearTimeout(settling);
    settling = setTimeout(() => {
      shipping = shipping.then(() => ship(parts));
    }, SETTLES_AFTER_MS);
  });
  await new Promise<void>((resolve) => {
    over.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearTimeout(settling);
  await shipping;
}
