import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { listPolicySources, operatorRequest, type SourceState } from '#access';
import { policyMetadata } from '#authoring';
import { present } from '#domain';
import { readBundle } from '#policy';
import { reasonOf } from '../arguments.js';
import { harmless } from '../harmless.js';
import { WHERE_HELP } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { applicationOf, onShelf, type WhereOptions, withApplication } from './on-shelf.js';
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
        if (options.json) return print(present({ isNew, bundle, turned }));
        const how = isNew ? 'pushed' : 'unchanged: it is there already';
        process.stdout.write(`${how}: revision ${bundle.revision}, signed by ${bundle.signedBy}, in ${shelf.where}\n`);
        for (const warning of bundle.warnings) process.stdout.write(`  warning: ${warning}\n`);
        if (turned !== undefined) tell(turned);
        else if (bundle.state !== 'active') process.stdout.write(`next: tilgang policy activate ${bundle.revision}\n`);
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
      if (options.json) return print(bundles);
      process.stdout.write(bundles.length === 0 ? 'no bundle: the standard rules judge\n' : bundles.map(bundleLine).join(''));
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
    .option('--json', 'JSON for a machine')
    .addHelpText('after', '\nTells what the gateway that looks at them has said last. Changes nothing.')
    .action(async ({ json }: { json?: true }) => {
      const { access, close } = await ports.openFound();
      try {
        const sources = await listPolicySources(access, operatorRequest());
        if (json) return print(sources);
        process.stdout.write(sources.length === 0 ? 'no source was looked at\n' : sources.map(sourceLines).join(''));
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

/** `tilgang policy rollback`. @param done is told 1 if there is nothing to go back to */
export function rollbackCommand(ports: CommandPorts, done: Done): Command {
  return withApplication(new Command('rollback'))
    .description('go back to a bundle that was active before')
    .argument('[revision]', 'default: the one that was active before this one')
    .requiredOption(...REASON)
    .addHelpText('after', WHERE_HELP)
    .action((revision: string | undefined, options: Reasoned, command: Command) => {
      const { reason } = reasonOf(command, options.reason);
      return turn(ports, command, options, async (shelf, appId) => {
        const target = revision ?? (await shelf.status(appId)).before;
        if (target !== undefined) return shelf.rollBack(appId, target, reason as string);
        process.stderr.write('tilgang: no bundle was active before: `tilgang policy deactivate` goes back to the standard rules\n');
        done(1);
        return undefined;
      });
    });
}

/** `tilgang policy trust`. */
export function trustCommand(ports: CommandPorts): Command {
  return withApplication(new Command('trust'))
    .description('let one bundle judge alone, without the standard rules, when it is active (for the operator)')
    .argument('[revision]', 'of a bundle that was pushed')
    .option('--none', 'trust none any more')
    .option(...REASON)
    .addHelpText(
      'after',
      '\nA bundle that is trusted can give access that no rule of the gateway gives, to organisations among the grants.',
    )
    .action((revision: string | undefined, options: Reasoned & { none?: true }, command: Command) => {
      if ((revision === undefined) === (options.none === undefined)) command.error('error: give either a revision or --none');
      const { reason } = reasonOf(command, options.reason);
      return turn(ports, command, options, (shelf, appId) => shelf.trust(appId, revision, reason));
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
      if (options.json) return print(status);
      const { active, processes, ...rest } = status;
      process.stdout.write(active === undefined ? 'active: none, the standard rules judge\n' : `active: ${active}\n`);
      for (const [name, value] of Object.entries(rest)) {
        if (value !== undefined) process.stdout.write(`${name}: ${value}\n`);
      }
      process.stdout.write(processes.map(processLines).join(''));
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
  if (turned === undefined) return;
  if (options.json) print(turned);
  else tell(turned);
}

function tell({ isChanged, active, before }: Turned): void {
  const now = active === undefined ? 'the standard rules judge' : `revision ${active} judges`;
  const earlier = before === undefined || before === active ? '' : `; before it did ${before}`;
  process.stdout.write(`${isChanged ? 'done' : 'unchanged'}: ${now}${earlier}\n`);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
