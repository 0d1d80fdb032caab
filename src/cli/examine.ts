import { constants } from 'node:fs';
import { access as fileAccess, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type AccessParts,
  type BundleFinding,
  examineBundles,
  listPolicySources,
  operatorRequest,
  readStandard,
  type SourceState,
} from '#access';
import { DAY_MS, toInstant } from '#domain';
import { within } from '#fetching';
import { SECRET_NAMES } from '#persons';
import { revisionOfSources } from '#policy';
import { ProblemError } from '#problem';
import { harmless } from './harmless.js';
import type { CommandPorts, ExaminedSettings, OpenAccess } from './ports.js';

/** A finding of `tilgang doctor`. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'fault';
  /** What was found. */
  readonly found: string;
  /** How to mend it, unless all is well. */
  readonly remedy?: string;
}

/** What is wrong with an installation, check by check; each goes on after the one before it failed. */
export async function* examine(
  ports: Pick<CommandPorts, 'decisionLog' | 'examinedSettings' | 'examinedStore' | 'openFound' | 'policyRevision' | 'unreachableIssuers'>,
): AsyncGenerator<Check> {
  yield examineNode(process.versions.node);
  let settings: ExaminedSettings;
  try {
    settings = await ports.examinedSettings();
    yield {
      name: 'configuration',
      state: 'ok',
      found: `${settings.mode} mode, ${settings.usesData ? `data in ${settings.data}` : 'no data folder is used'}`,
    };
  } catch (error) {
    yield faultOf('configuration', error);
    return;
  }
  if (settings.mode === 'production') yield* examineOwnIssuer(settings);
  if (settings.usesData) yield* examineFolder(settings.data);
  yield* examineSecrets([settings.namingSecretFile, settings.sealingSecretFile].filter((path) => path !== undefined));
  const policy = await examinePolicy(settings.policyBundle, ports);
  yield policy.check;
  if (settings.mode === 'production') yield* examineIssuers(await ports.unreachableIssuers());
  const taken = yield* examineStore(ports, settings);
  yield* examineDecisionLog(ports);
  const expected = policy.revision === undefined ? undefined : { revision: policy.revision, where: 'the bundle on disk' };
  yield await examineAddress(settings.origin, taken ?? expected);
}

function* examineOwnIssuer({ issuers, isIssuer, publicUrl }: ExaminedSettings): Generator<Check> {
  if (isIssuer && publicUrl === undefined) yield WITHOUT_NAME;
  else if (!isIssuer && issuers.length === 0) yield WITHOUT_ISSUER;
}

const WITHOUT_NAME: Check = {
  name: 'issuers',
  state: 'fault',
  found: 'the own issuer (maskinporten, idporten) has no name that stays',
  remedy: 'Say in TILGANG_PUBLIC_URL where callers see the gateway: the issuer is named by it.',
};

const WITHOUT_ISSUER: Check = {
  name: 'issuers',
  state: 'fault',
  found: 'no trusted issuer',
  remedy:
    'Name one in TILGANG_ISSUERS or the file of TILGANG_CONFIG (`tilgang serve --help` shows the form); or be one (TILGANG_MASKINPORTEN=on); or use TILGANG_MODE=demo.',
};

function examineNode(found: string): Check {
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  if (isEnough) return { name: 'Node.js', state: 'ok', found };
  return { name: 'Node.js', state: 'fault', found, remedy: 'Install Node.js 20.19 or newer.' };
}

async function* examineFolder(folder: string): AsyncGenerator<Check> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) {
    yield { name: 'data folder', state: 'warning', found: `${folder} is not there yet`, remedy: 'The first start makes it.' };
    return;
  }
  const mayUse = await succeeds(fileAccess(folder, constants.R_OK | constants.W_OK));
  if (!mayUse) {
    const remedy = 'Give it to the user that runs the gateway.';
    yield { name: 'data folder', state: 'fault', found: `${folder} cannot be written`, remedy };
  } else if ((found.mode & 0o077) !== 0) {
    yield { name: 'data folder', state: 'fault', found: `others may look into ${folder}`, remedy: `chmod 700 ${folder}` };
  } else yield { name: 'data folder', state: 'ok', found: folder };
  yield* examineSecrets(SECRET_NAMES.map((name) => join(folder, name)));
}

async function* examineSecrets(paths: readonly string[]): AsyncGenerator<Check> {
  for (const path of paths) {
    const secret = await stat(path).catch(() => undefined);
    if (secret === undefined || (secret.mode & 0o077) === 0) continue;
    const remedy = `chmod 600 ${path}; whoever has read it can recompute names of persons, or open what is sealed`;
    yield { name: basename(path), state: 'fault', found: 'others may read it', remedy };
  }
}

async function examinePolicy(
  path: string,
  ports: Pick<CommandPorts, 'policyRevision'>,
): Promise<{ readonly check: Check; readonly revision?: string }> {
  try {
    const revision = await ports.policyRevision();
    const sources = revisionOfSources(path);
    if (sources === undefined || sources === revision) {
      return { check: { name: 'policy', state: 'ok', found: `revision ${revision} gives the answers that are known` }, revision };
    }
    const found = `revision ${revision} was not built from the policies/ beside it`;
    return { check: { name: 'policy', state: 'fault', found, remedy: 'make policies' }, revision };
  } catch (error) {
    return { check: faultOf('policy', error) };
  }
}

function* examineIssuers(unreachable: readonly { readonly issuer: string; readonly cause: string }[]): Generator<Check> {
  for (const { issuer, cause } of unreachable) {
    const remedy = 'Check its name and jwksUri in the configuration, and that this machine may reach it (proxy, firewall, DNS).';
    yield { name: 'issuers', state: 'fault', found: `the keys of ${issuer} cannot be fetched: ${cause}`, remedy };
  }
}

/** Opening a store that is not there would make one, and opening one whose indexes are wrong would make them; doctor changes nothing. */
async function* examineStore(
  ports: Pick<CommandPorts, 'openFound' | 'examinedStore'>,
  { takesStandard }: ExaminedSettings,
): AsyncGenerator<Check, Expected | undefined> {
  let taken: Expected | undefined;
  try {
    const { place, isThere, faults } = await ports.examinedStore();
    if (!isThere) {
      const remedy = 'The first start makes it: `tilgang serve`, or `make run` for a demo.';
      yield { name: 'store', state: 'warning', found: `none yet: ${place}`, remedy };
      return undefined;
    }
    for (const { isFault, found, remedy } of faults) yield { name: 'store', state: isFault ? 'fault' : 'warning', found, remedy };
    if (faults.some(({ isFault }) => isFault)) return undefined;
    const opened = await ports.openFound();
    let isDemo = false;
    try {
      isDemo = await (await import('#demo')).isFilled(opened.access.store);
      taken = yield* examineOpened(opened, takesStandard);
    } finally {
      await opened.close();
    }
    yield { name: 'store', state: 'ok', found: `${place} opens and reads${isDemo ? '; holds the demo world' : ''}` };
  } catch (error) {
    yield faultOf('store', error);
  }
  return taken;
}

async function* examineOpened({ access, conditions }: OpenAccess, takesStandard: boolean): AsyncGenerator<Check, Expected | undefined> {
  await access.store.check();
  for (const condition of await conditions()) yield { state: 'warning', ...condition };
  const taken = takesStandard ? yield* examineStandard(access) : undefined;
  yield* examineSources(await listPolicySources(access, operatorRequest()));
  for await (const finding of examineBundles(access, operatorRequest())) yield bundleCheck(finding);
  return taken;
}

/** What a gateway is expected to judge by. */
interface Expected {
  readonly revision: string;
  readonly where: string;
}

/** The standard rules that came from a source stand before those on disk. */
async function* examineStandard(access: AccessParts): AsyncGenerator<Check, Expected | undefined> {
  try {
    const taken = await readStandard(access, operatorRequest());
    return taken && { revision: taken.revision, where: 'what was taken from its source last' };
  } catch (error) {
    const remedy =
      'Give the source a later revision, which is taken in their place; until then the bundle on disk judges in what is started.';
    yield {
      name: 'policy',
      state: 'fault',
      found: `what was taken from the source of the standard rules is lost: ${(error as Error).message}`,
      remedy,
    };
    return undefined;
  }
}

const BUNDLE_REMEDIES: Readonly<Record<BundleFinding['what'], string>> = {
  broken:
    'What it should judge is answered by 503: `tilgang policy rollback`, or `deactivate`, and push the bundle again with a later revision.',
  unverified:
    'It goes on judging. If the key was stolen: `tilgang policy rollback`, or `deactivate`; else ship a later revision, signed by a key that counts.',
  failing: 'Who asked got 503. `tilgang policy status` tells more; its author mends it, or `tilgang policy rollback`.',
};

function bundleCheck({ appId, revision, what, detail }: BundleFinding): Check {
  const found = `revision ${revision} of ${appId}: ${harmless(detail)}`;
  return { name: 'policy bundles', state: what === 'broken' ? 'fault' : 'warning', found, remedy: BUNDLE_REMEDIES[what] };
}

function* examineSources(sources: readonly SourceState[]): Generator<Check> {
  for (const { name, fault } of sources) {
    if (fault === undefined) continue;
    const remedy =
      'What judges goes on. Mend what the place gives, or how it is reached (policySources); `tilgang policy sources` tells more.';
    yield {
      name: 'policy sources',
      state: 'warning',
      found: `nothing was taken from ${name} at ${fault.at}: ${harmless(fault.detail)}`,
      remedy,
    };
  }
}

/** Nothing is said of a log that is well. */
async function* examineDecisionLog(ports: Pick<CommandPorts, 'decisionLog'>): AsyncGenerator<Check> {
  try {
    const { isSent, unsentBytes, unsentSinceMs } = await ports.decisionLog();
    if (!isSent || unsentSinceMs === undefined || Date.now() - unsentSinceMs < DAY_MS) return;
    const found = `${unsentBytes} bytes are still to be sent, the oldest of ${toInstant(unsentSinceMs)}`;
    const remedy = 'See that the collector (decisionLogUrl) answers, and that a gateway runs here: its log says what is in the way.';
    yield { name: 'decision log', state: 'warning', found, remedy };
  } catch (error) {
    yield faultOf('decision log', error);
  }
}

interface Readiness {
  readonly answer: Response;
  readonly parts?: { readonly store?: unknown; readonly policy?: unknown; readonly issuers?: unknown };
}

/** A gateway whose database is away waits for it before it says so. */
const READINESS_MS = 15_000;

function readiness(origin: string): Promise<Readiness> {
  return within(READINESS_MS, async (signal) => {
    const answer = await fetch(`${origin}/health/ready`, { signal });
    return { answer, ...((await answer.json().catch(() => ({}))) as Pick<Readiness, 'parts'>) };
  });
}

async function examineAddress(origin: string, expected: Expected | undefined): Promise<Check> {
  try {
    const { answer, parts } = await readiness(origin);
    // Only the gateway knows: it is found out by a change.
    if (answer.ok && parts?.store === 'full')
      return { ...faultOf('gateway', new ProblemError('store-full')), found: `answers at ${origin}, but its store is full` };
    if (answer.ok && typeof parts?.issuers === 'string' && parts.issuers !== 'ok') {
      const remedy =
        'The log says why, also what an issuer answered; its tokens are refused until its keys can be had, unless older ones serve.';
      return { name: 'gateway', state: 'fault', found: `answers at ${origin}, but ${parts.issuers}`, remedy };
    }
    if (answer.ok && typeof parts?.policy === 'string' && expected && parts.policy !== expected.revision) {
      const found = `answers at ${origin} by revision ${parts.policy}, but ${expected.where} is ${expected.revision}`;
      return {
        name: 'gateway',
        state: 'fault',
        found,
        remedy: 'Send SIGHUP to the gateway, or start it again, so that it loads the bundle.',
      };
    }
    if (answer.ok) return { name: 'gateway', state: 'ok', found: `answers at ${origin} and is ready` };
    return { name: 'gateway', state: 'fault', found: `${origin} answers ${answer.status}`, remedy: 'See /health/ready and the log.' };
  } catch {
    return {
      name: 'gateway',
      state: 'warning',
      found: `nothing answers at ${origin}`,
      remedy: 'Start it: tilgang serve, or make run for a demo.',
    };
  }
}

function faultOf(name: string, error: unknown): Check {
  if (!(error instanceof ProblemError)) return { name, state: 'fault', found: (error as Error).message };
  const remedy = error.slug === 'store-unavailable' ? STORE_REMEDY : error.entry.remedy;
  return { name, state: 'fault', found: error.message, remedy };
}

/** In place of that of the catalogue, which is to call doctor. */
const STORE_REMEDY = 'Mend that. A gateway that runs goes on by itself once its store answers.';

function succeeds(trial: Promise<unknown>): Promise<boolean> {
  return trial.then(
    () => true,
    () => false,
  );
}
