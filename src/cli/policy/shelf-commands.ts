import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { listPolicySources, operatorRequest, type SourceState } from '#access';
import { policyMetadata } from '#authoring';
import { type BundleRevision, compareRevisions, present } from '#domain';
import { readBundle } from '#policy';
import { reasonOf } from '../arguments.js';
import { harmless } from '../harmless.js';
import { JSON_OPTION, WHERE_HELP } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { APP, applicationOf, onShelf, onStore, say, type WhereOptions, withApplication } from './on-shelf.js';
import type { ShelvedBundle, ShelvedConduct, ShelvedProcess, Turned } from './shelf.js';

type Done = (exitCode: number) => void;
type Reasoned = WhereOptions & { readonly reason?: string };

const REASON = ['--reason <text>', 'why; kept in the history'] as const;

/** `tilgang policy push`. */
export function pushCommand(ports: CommandPorts): Command {
  return withApplication(new Command('push'))
    .description('put a signed bundle where the gateway keeps them; it judges only once it is activated')
    .argument('[bundle]', 'the file', 'bundle.tar.gz')
    .option('--activate', 'and let it judge at once')
    .addHelpText('after', `${WHERE_HELP}\nThe application is that of --app, else the one that the bundle's manifest names.`)
    .action(async (file: string, options: WhereOptions & { activate?: true }, command: Command) => {
      const tarball = await readFile(file);
      const { manifest } = await readBundle(tarball);
      const appId = await applicationOf(command, options, policyMetadata(JSON.stringify(manifest)));
      await onShelf(ports, command, options, async (shelf) => {
        const { isNew, bundle } = await shelf.push(appId, tarball);
        const turned = options.activate ? await shelf.activate(appId, bundle.revision, undefined) : undefined;
        const how = isNew ? 'pushed' : 'unchanged: it is there already';
        const next = bundle.state === 'active' ? '' : `next: tilgang policy activate ${bundle.revision}\n`;
        const lines = [
          `${how}: revision ${bundle.revision}, signed by ${bundle.signedBy}, in ${shelf.where}\n`,
          ...bundle.warnings.map((warning) => `  warning: ${warning}\n`),
          turned === undefined ? next : turnedLine(turned),
        ];
        say(options, present({ isNew, bundle, turned }), lines.join(''));
      });
    });
}

/** `tilgang policy list`. */
export function listCommand(ports: CommandPorts): Command {
  return withApplication(new Command('list'))
    .description('list the bundles of an application')
    .addHelpText('after', WHERE_HELP)
    .action(async (options: WhereOptions, command: Command) => {
      const appId = await applicationOf(command, options);
      const bundles = await onShelf(ports, command, options, (shelf) => shelf.list(appId));
      say(options, bundles, bundles.length === 0 ? 'no bundle: the standard rules judge\n' : bundles.map(bundleLine).join(''));
    });
}

function bundleLine({ revision, state, size, signedBy, pushedAt, pushedBy, isTrusted, warnings }: ShelvedBundle): string {
  const marks = [...(isTrusted ? ['trusted'] : []), ...warnings].map((mark) => `, ${mark}`).join('');
  return `${state.padEnd(6)} ${revision}  ${size} bytes, pushed ${pushedAt} by ${pushedBy}, signed by ${signedBy}${marks}\n`;
}

/** `tilgang policy sources`. */
export function sourcesCommand(ports: CommandPorts): Command {
  return new Command('sources')
    .description('say how the sources do from which bundles are taken (policySources)')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nTells what the gateway that looks at them has said last. Changes nothing.')
    .action(async (options: { json?: true }) => {
      const { access, close } = await ports.openFound();
      try {
        const sources = await listPolicySources(access, operatorRequest());
        say(options, sources, sources.length === 0 ? 'no source was looked at\n' : sources.map(sourceLines).join(''));
      } finally {
        await close();
      }
    });
}

function sourceLines({ name, application, fineAt, fault }: SourceState): string {
  const wrong = fault === undefined ? '' : `  FAULT at ${fault.at}: ${harmless(fault.detail)}\n`;
  return `${name}  for ${application ?? 'the standard rules'}, last well ${fineAt === undefined ? 'never' : `at ${fineAt}`}\n${wrong}`;
}

/** `tilgang policy activate`. */
export function activateCommand(ports: CommandPorts): Command {
  return withApplication(new Command('activate'))
    .description('let a bundle that was pushed judge, in every process from the same moment on')
    .argument('<revision>', 'later than all that were active')
    .option(...REASON)
    .addHelpText('after', WHERE_HELP)
    .action((revision: string, options: Reasoned, command: Command) => {
      const { reason } = reasonOf(command, options.reason);
      return turn(ports, command, options, (shelf, appId) => shelf.activate(appId, revision, reason));
    });
}

/** `tilgang policy deactivate`. */
export function deactivateCommand(ports: CommandPorts): Command {
  return withApplication(new Command('deactivate'))
    .description('go back to the standard rules alone')
    .option(...REASON)
    .addHelpText('after', WHERE_HELP)
    .action((options: Reasoned, command: Command) => {
      const { reason } = reasonOf(command, options.reason);
      return turn(ports, command, options, (shelf, appId) => shelf.deactivate(appId, reason));
    });
}

/** `tilgang policy rollback`. @param done is told 1 if there is nothing to go back from */
export function rollbackCommand(ports: CommandPorts, done: Done): Command {
  return withApplication(new Command('rollback'))
    .description('go back to what judged before: a bundle, or the standard rules alone')
    .argument('[revision]', 'of a bundle that was active; default: what judged before this one, never what was gone back from')
    .requiredOption(...REASON)
    .addHelpText('after', WHERE_HELP)
    .action((revision: string | undefined, options: Reasoned, command: Command) => {
      const { reason } = reasonOf(command, options.reason);
      return turn(ports, command, options, async (shelf, appId) => {
        if (revision !== undefined) return shelf.rollBack(appId, revision, reason as string);
        const { active, before } = await shelf.status(appId);
        if (before !== undefined && isEarlier(before, active)) return shelf.rollBack(appId, before, reason as string);
        if (active !== undefined && before === undefined) return shelf.deactivate(appId, reason);
        // What has been gone back from: done twice, it must not judge again.
        const told =
          before === undefined ? 'no bundle was ever active' : `revision ${before} was gone back from: name it if it is to judge again`;
        process.stderr.write(
          `tilgang: unchanged: ${told}; ${active === undefined ? 'the standard rules judge' : `revision ${active} judges`}\n`,
        );
        done(1);
        return undefined;
      });
    });
}

function isEarlier(before: string, active: string | undefined): boolean {
  return active !== undefined && compareRevisions(before as BundleRevision, active as BundleRevision) < 0;
}

/** `tilgang policy trust`. */
export function trustCommand(ports: CommandPorts): Command {
  return new Command('trust')
    .description('let one bundle judge alone, without the standard rules, when it is active (for the operator, on the store)')
    .argument('[revision]', 'of a bundle that was pushed')
    .option('--none', 'trust none any more')
    .option(...REASON)
    .option(...APP)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nA bundle that is trusted can give access that no rule of the gateway gives, to organisations among the grants.',
    )
    .action(async (revision: string | undefined, options: Reasoned & { none?: true }, command: Command) => {
      if ((revision === undefined) === (options.none === undefined)) command.error('error: give either a revision or --none');
      const { reason } = reasonOf(command, options.reason);
      const appId = await applicationOf(command, options);
      const turned = await onStore(ports, (shelf) => shelf.trust(appId, revision, reason));
      const trusted = turned.trusted === undefined ? 'none is trusted' : `revision ${turned.trusted} is trusted to judge alone`;
      say(options, turned, `${turnedLine(turned)}${trusted}\n`);
    });
}

/** `tilgang policy status`. */
export function statusCommand(ports: CommandPorts): Command {
  return withApplication(new Command('status'))
    .description('how the rules of an application do: which judge, and what went wrong with them')
    .addHelpText('after', WHERE_HELP)
    .action(async (options: WhereOptions, command: Command) => {
      const appId = await applicationOf(command, options);
      const status = await onShelf(ports, command, options, (shelf) => shelf.status(appId));
      const { active = 'none, the standard rules judge', processes, ...rest } = status;
      const lines = Object.entries({ active, ...rest }).map(([name, value]) => (value === undefined ? '' : `${name}: ${value}\n`));
      say(options, status, [...lines, ...processes.map(processLines)].join(''));
    });
}

function processLines({ process, at, loaded, fault }: ShelvedProcess): string {
  const refused = fault === undefined ? [] : [`  ${fault.revision}  NOT LOADED at ${fault.at}: ${fault.detail}`];
  return [`process ${process}, as of ${at}`, ...refused, ...loaded.flatMap(conductLines)].map((line) => `${line}\n`).join('');
}

function conductLines({ revision, standing, lastFault, heldBackUntil, meanMicros, ...counts }: ShelvedConduct): readonly string[] {
  if (standing === undefined) return [`  ${revision}  runs in the thread of the gateway, uncounted`];
  const { answered, failed, timedOut, outOfMemory, refused } = counts;
  const took = `answered ${answered} (${meanMicros} µs each), failed ${failed}, timed out ${timedOut}, out of memory ${outOfMemory}`;
  return [
    `  ${revision}  ${standing}: ${took}, refused ${refused}`,
    ...(lastFault === undefined ? [] : [`    last fault at ${lastFault.at}: ${lastFault.detail}`]),
    ...(heldBackUntil === undefined ? [] : [`    held back until ${heldBackUntil}`]),
  ];
}

type Act = Parameters<typeof onShelf<Turned | undefined>>[3];

/** Changes which bundle judges, and says which one does now. */
async function turn(
  ports: CommandPorts,
  command: Command,
  options: WhereOptions,
  act: (shelf: Parameters<Act>[0], appId: Awaited<ReturnType<typeof applicationOf>>) => Promise<Turned | undefined>,
): Promise<void> {
  const appId = await applicationOf(command, options);
  const turned = await onShelf(ports, command, options, (shelf) => act(shelf, appId));
  if (turned !== undefined) say(options, turned, turnedLine(turned));
}

function turnedLine({ isChanged, active, before }: Turned): string {
  const now = active === undefined ? 'the standard rules judge' : `revision ${active} judges`;
  const earlier = before === undefined || before === active ? '' : `; before it did ${before}`;
  return `${isChanged ? 'done' : 'unchanged'}: ${now}${earlier}\n`;
}
