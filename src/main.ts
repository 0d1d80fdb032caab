// The program's entry: reads the environment, hands the command line what it needs, and turns signals into a graceful stop.
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '#cli';
import { type Config, loadConfig, modeOf, programFolder, redactedConfig, secretVariables, version } from '#config';
import { toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { Running } from '#serving';
import type { Log } from '#telemetry';

// What a command does not need is not loaded for it: the server is most of the program.
const installation = () => import('./installation.js');
const keeping = () => import('./keeping.js');
const demo = () => import('#demo');

/** The token for a gateway somewhere else is no setting. */
const { TILGANG_TOKEN: bearerToken, TILGANG_KEYRING: keyring, ...environment } = process.env;
/** A user's, not the installation's. */
const keyringFile = keyring ?? join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'tilgang', 'logins.json');
const config = (): Config => loadConfig(environment);

/** A gateway in this process, or in workers of it. */
async function startServing(settings: Config, log: Log): Promise<Pick<Running, 'origin' | 'reload' | 'stop'> & Partial<Running>> {
  const { announce, GRACE_MS, startWorkers, workerCount } = await import('#serving');
  const workers = workerCount(settings);
  if (workers === 1) {
    const gateway = await (await import('./gateway.js')).startGateway(settings, log);
    return { ...gateway, stop: () => endedWithin(settings.stopDelayMs + settings.stopTimeoutMs + GRACE_MS, () => gateway.stop(), log) };
  }
  const running = await startWorkers({
    program: fileURLToPath(new URL('worker.js', import.meta.url)),
    count: workers,
    config: settings,
    readBundle: async () => (await import('#policy')).readBundleFile(settings.policyBundle),
    log,
  });
  const { origin, policyRevision } = running;
  announce(log, { origin, mode: modeOf(settings), policyRevision, workers }, settings.policyBundle);
  const stop = async (): Promise<void> => {
    log.event('info', 'stopping');
    await running.stop();
    log.event('info', 'stopped');
  };
  return { ...running, stop };
}

/** All has been answered, or cut, long before: what then still waits for a store that says nothing is let go, as a worker's parent does. */
async function endedWithin(ms: number, stop: () => Promise<void>, log: Log): Promise<void> {
  const late = setTimeout(() => {
    log.event('warn', 'store not closed');
    log.event('info', 'stopped');
    log.flush();
    process.exit(0);
  }, ms);
  await stop().finally(() => clearTimeout(late));
}

async function serve(): Promise<void> {
  const { createLog } = await import('#telemetry');
  const settings = loadConfig(environment, true);
  const log = createLog(settings.logLevel);
  const started = startServing(settings, log);
  // One after another: of two at once the older bundle could be the last that is read.
  let reloaded: Promise<void> = Promise.resolve();
  process.on('SIGHUP', () => {
    reloaded = reloaded.then(async () => reload(await started, log)).catch(() => {});
  });
  const gateway = await started.catch((error: unknown) => {
    // The command line says the rest; a known problem's cause is told there in a line, not as a stack.
    log.fault(error instanceof ProblemError ? new ProblemError(error.slug, { detail: error.message }) : error);
    log.flush();
    throw error;
  });
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  if (modeOf(settings) === 'demo') await greet(gateway.origin, settings);
  log.flush();
  try {
    await Promise.race(gateway.lost === undefined ? [told] : [told, gateway.lost]);
  } finally {
    // Whoever asks twice does not want to wait.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.removeAllListeners(signal).once(signal, () => {
        log.flush();
        process.exit(1);
      });
    }
    await gateway.stop();
    log.flush();
  }
}

/** By the desktop's own program; where there is none, the address that was printed has to do. No shell sees the address. */
function openBrowser(url: string): void {
  const [program, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
  spawn(program as string, [...before, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

/** Has the gateway judge by the bundle on disk; an unfit one is logged, and the one that judges goes on. */
async function reload(gateway: Pick<Running, 'reload'>, log: Log): Promise<void> {
  try {
    log.event('info', 'policy loaded again', { policyRevision: await gateway.reload() });
  } catch (error) {
    log.fault(error);
  }
  log.flush();
}

/** A secret if it has a password. */
const DATABASE = 'TILGANG_MONGODB_URI';

/** For the person who has just typed `make run`: on standard error, so that standard output stays JSON lines. */
async function greet(origin: string, settings: Config): Promise<void> {
  // Whom it asks about does not depend on the moment, and the world of this one is made already.
  const { first } = (await demo()).demoWorld(toInstant(0));
  // The token is made in another terminal, which does not have this one's settings.
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const here = { ...environment, TILGANG_DATA: settings.data, TILGANG_PORT: new URL(origin).port };
  if (settings.publicUrl !== undefined) here.TILGANG_PORT = String(settings.port);
  const isShown = (name: string, value: string): boolean => !secretVariables.has(name) || (name === DATABASE && !value.includes('@'));
  const fromElsewhere = Object.entries(here)
    .filter(([name, value]) => name.startsWith('TILGANG_') && value !== undefined && isShown(name, value))
    .map(([name, value]) => `${name}=${quoted(value as string)}`)
    .join(' ');
  process.stderr.write(`
Tilgang listens on ${origin} (demo). Ask for which organisations a person has access:

curl -s ${origin}/tilgang/api/v1/app/${first.appId}/tilganger \\
  -H "Authorization: Bearer $(${fromElsewhere} node ${quoted(join(programFolder, 'bin/tilgang.cjs'))} token --client ${first.clientId})" \\
  -H 'Content-Type: application/json' -d '{"brukerIdent":"${first.brukerIdent}"}'

Ctrl-C stops it.

`);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `tilgang demo | head`: whoever reads has seen enough.
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCli(process.argv.slice(2), {
  version,
  serve,
  printableConfig: () => redactedConfig(config()),
  useConfig(file) {
    environment['TILGANG_CONFIG'] = file;
  },
  useWorkers(count) {
    environment['TILGANG_WORKERS'] = count;
  },
  openAccess: async () => (await installation()).openExistingAccess(config()),
  openFound: async () => (await installation()).openFoundAccess(config()),
  openUnseen: async () => (await installation()).openExistingAccess(config(), false),
  makeAccess: async () => (await installation()).openAccess(config()),
  tryAccess: async () => (await installation()).openTrialAccess(config()),
  async demoWorld() {
    await (await installation()).assertDemo(config(), false);
    return (await demo()).demoWorld(toInstant(Date.now()));
  },
  async demoToken(holder, lifetimeSeconds) {
    const { assertDemo, demoToken } = await installation();
    await assertDemo(config(), true);
    return demoToken(config(), holder, lifetimeSeconds);
  },
  ownIssuer: async () => (await installation()).ownIssuer(config()),
  unreachableIssuers: async () => (await import('#tokens')).unreachableIssuers(config().issuers),
  authoring: {
    shipped: { template: join(programFolder, 'policies/template'), schema: join(programFolder, 'policies/schemas/access-input.json') },
    opa: async () => (await import('#authoring')).findOpa({ program: programFolder, named: environment['OPA'] }),
  },
  bearerToken,
  keyringFile,
  openBrowser,
  policyRevision: async () => (await installation()).policyRevision(config()),
  examinedStore: async () => (await import('./stores.js')).examinedStore(config()),
  examinedSettings: async () => (await installation()).examinedSettings(config()),
  copyStore: async (places, told) => (await keeping()).copyBetween(config(), (name) => environment[name], places, told),
  backup: async (file, options) => (await keeping()).backupStore(config(), file, options),
  decisions: async (range) => {
    const { readDecisions } = await import('#decisions');
    return readDecisions({ ...range, folder: (await installation()).decisionsFolder(config()) });
  },
  async decisionLog() {
    const { logOnDisk } = await import('#decisions');
    const settings = config();
    return { ...(await logOnDisk((await installation()).decisionsFolder(settings))), isSent: settings.decisionLogUrl !== undefined };
  },
  restore: async (file, options) => (await keeping()).restoreBackup(config(), file, options),
});
