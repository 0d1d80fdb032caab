import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Candidate, ComparisonOptions, Difference } from '#access';
import { type Instant, isFault, parseBundleRevision, parsePeriodStart, present, type SecurityLevel, toInstant } from '#domain';
import { reasonOf } from '../arguments.js';
import { WHERE_HELP } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { progress } from '../progress.js';
import { applicationOf, onShelf, say, type WhereOptions, withApplication } from './on-shelf.js';
import type { ShelvedApproval, ShelvedComparison, ShelvedShadow, ShelvedTotals } from './shelf.js';

type Done = (exitCode: number) => void;

interface DiffOptions extends WhereOptions {
  readonly at?: string;
  readonly level?: readonly (SecurityLevel | 'none')[];
  readonly persons?: true;
  readonly log?: true;
  readonly grants?: true;
  readonly from?: string;
}

/** `tilgang policy diff`. @param done is told 1 if anything differs */
export function diffCommand(ports: CommandPorts, done: Done): Command {
  return withApplication(new Command('diff'))
    .description('who would gain and who would lose access if another bundle judged, over all current grants or over the decision log')
    .argument('<candidate>', 'the revision of a bundle that was pushed, the file of one that was not, or `standard` for no own rules')
    .option('--grants', 'over all current grants (the default)')
    .option('--log', 'put the decisions of the log of this machine again: which would be others')
    .option('--from <moment>', 'of the log those from then on: a date (in Norway) or an RFC 3339 date-time; default: all of it')
    .option('--at <moment>', 'ask as if it were then: a date (in Norway) or an RFC 3339 date-time; default: now')
    .addOption(
      new Option('--level <level...>', 'how the persons are logged in; default: substantial and high').choices([
        'none',
        'low',
        'substantial',
        'high',
      ]),
    )
    .option('--persons', 'name each of them by brukerId, a line each (for the operator)')
    .addHelpText(
      'after',
      `${WHERE_HELP}
Prints how many gain and lose, by konsument and by reason: the reason is that of the rules that say no. With --json one object; with --persons
and --json a line of JSON for each person before it. Ends with 0 if nothing differs, with 1 if something does, or a bundle gives no answer.

  $ tilgang policy diff bundle.tar.gz --app 6f8b5a3e-0d6c-4d4c-9d2b-0a4c8f0f7a11
  $ tilgang policy diff 2026.11.27.2 --log --from 2026-11-20
  $ tilgang policy diff 2026.11.27.2 --at 2026-11-27T16:30:00+01:00 --level high`,
    )
    .action(async (named: string, options: DiffOptions, command: Command) => {
      const appId = await applicationOf(command, options);
      const candidate = await candidateOf(named);
      const at = momentOf(command, '--at', options.at);
      const from = momentOf(command, '--from', options.from);
      if (options.log && (options.grants || at !== undefined || options.level !== undefined))
        command.error('error: --log puts questions as they were: leave --grants, --at and --level out');
      if (from !== undefined && !options.log) command.error('error: --from is for --log');
      const levels = options.level?.map((level) => (level === 'none' ? undefined : level));
      const bar = options.url === undefined ? personBar() : undefined;
      const onDifference = options.persons ? personLine(options.json === true) : undefined;
      const asked = present({ at, levels, onDifference, onProgress: bar?.told }) as ComparisonOptions;
      let unreadable = 0;
      const onUnreadable = (): void => {
        unreadable += 1;
      };
      const decisions = options.log ? await ports.decisions(present({ from, onUnreadable })) : undefined;
      const over = present({ decisions });
      const compared = await onShelf(ports, command, options, (shelf) => shelf.compare(appId, candidate, over, asked)).finally(bar?.stop);
      const found = { ...compared, isComplete: compared.isComplete && unreadable === 0 };
      const grants = `asked as of ${at ?? toInstant(Date.now())}, logged in at ${(options.level ?? ['substantial', 'high']).join(', ')}`;
      const cut = found.isComplete ? '' : 'NOT WHOLE: there was no time for all of it, or the log does not tell all of it\n';
      const asWhat = options.log ? 'decisions of the log, asked again' : grants;
      say(options, found, `${asWhat}\n${tableOf(found)}${cut}${approvable(named, found)}`);
      if (!found.isComplete || isDifferent(found)) done(1);
    });
}

/** What to type next where somebody has to take what was found. */
function approvable(revision: string, found: ShelvedComparison): string {
  if (found.keptAt === undefined || !isDifferent(found)) return '';
  return `next, if an activation demands it: tilgang policy approve ${revision} --compared ${found.keptAt}\n`;
}

function momentOf(command: Command, name: string, text: string | undefined): Instant | undefined {
  const moment = text === undefined ? undefined : parsePeriodStart(text);
  return isFault(moment) ? command.error(`error: ${name} ${moment.detail}`) : moment;
}

async function candidateOf(named: string): Promise<Candidate> {
  if (named === 'standard') return named;
  return isFault(parseBundleRevision(named)) ? { bytes: await readFile(named) } : { revision: named };
}

function personBar() {
  let bar: ReturnType<typeof progress> | undefined;
  return {
    told(read: number, total: number): void {
      bar ??= progress(total, 'compared', 'persons');
      bar.readTo(read);
      bar.update(read, read);
    },
    stop: (): void => bar?.stop(),
  };
}

function personLine(isJson: boolean): (difference: Difference) => Promise<void> {
  // Several differences are told at once: they wait together.
  let draining: Promise<unknown> | undefined;
  return async (difference) => {
    const { kind, subject, konsument, role, reasons } = difference;
    const line = isJson ? JSON.stringify(difference) : `${kind.padEnd(4)}  ${subject}  ${konsument}  ${role}  ${reasons.join(',')}`;
    if (process.stdout.write(`${line}\n`)) return;
    draining ??= once(process.stdout, 'drain').finally(() => {
      draining = undefined;
    });
    await draining;
  };
}

function isDifferent({ gains, losses, failedBefore, failedAfter }: ShelvedTotals): boolean {
  return gains + losses + failedBefore + failedAfter > 0;
}

/** Rows that are shown to a person; the rest is counted. */
const MOST_ROWS = 100;

function tableOf({ questions, gains, losses, failedBefore, failedAfter, counts }: ShelvedTotals): string {
  const rows = counts
    .slice(0, MOST_ROWS)
    .map(({ konsument, kind, reason, count }) => `  ${konsument}  ${kind}  ${String(count).padStart(8)}  ${reason}\n`);
  const failed = failedBefore + failedAfter === 0 ? '' : `; no answer to ${failedBefore} by what judges, to ${failedAfter} by the other`;
  const more = counts.length > MOST_ROWS ? `  … and ${counts.length - MOST_ROWS} lines more: --json has all\n` : '';
  return `${rows.join('')}${more}${losses} lose, ${gains} gain access; ${questions} questions put to both${failed}\n`;
}

interface ShadowOptions extends WhereOptions {
  readonly none?: true;
  readonly samples?: true;
}

/** `tilgang policy shadow`. */
export function shadowCommand(ports: CommandPorts): Command {
  return withApplication(new Command('shadow'))
    .description('let a bundle judge beside the active one on live questions, without touching answers; or say what it has seen')
    .argument('[revision]', 'of a bundle that was pushed; absent: what the shadow has seen')
    .option('--none', 'end it')
    .option('--samples', 'show the last decisions that it would have made otherwise, with brukerIds (for the operator)')
    .addHelpText('after', WHERE_HELP)
    .action(async (revision: string | undefined, options: ShadowOptions, command: Command) => {
      const { none, samples = false } = options;
      if (revision !== undefined && none) command.error('error: give either a revision or --none');
      const appId = await applicationOf(command, options);
      await onShelf(ports, command, options, async (shelf) => {
        if (revision !== undefined || none) {
          const turned = await shelf.setShadow(appId, revision);
          const beside = `revision ${revision} judges beside\nnext: tilgang policy shadow (what it has seen, some seconds behind)`;
          return say(options, turned, `${turned.isChanged ? 'done' : 'unchanged'}: ${none ? 'nothing judges beside' : beside}\n`);
        }
        const seen = await shelf.shadow(appId, samples);
        say(options, seen, seen.revision === undefined ? 'nothing is shadowed\n' : shadowLines(seen));
      });
    });
}

function shadowLines(seen: ShelvedShadow): string {
  const { revision, since, until, processes, passedOver, samples = [] } = seen;
  const when = since === undefined ? 'not asked yet' : `asked from ${since} to ${until}`;
  const where = `in ${processes} ${processes === 1 ? 'process' : 'processes'}`;
  const told = samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
  return `revision ${revision}, ${when}, ${where}; ${passedOver} questions passed over\n${tableOf(seen)}${told}`;
}

/** `tilgang policy approve`. */
export function approveCommand(ports: CommandPorts): Command {
  return withApplication(new Command('approve'))
    .description('take by name what `diff` has found of a pushed bundle, where an activation demands that')
    .argument('<revision>', 'of the bundle that was compared with the active one, within a day')
    .requiredOption('--compared <moment>', 'which comparison: the moment that `diff` has said at its end')
    .requiredOption('--reason <text>', 'why; kept in the history')
    .addHelpText('after', WHERE_HELP)
    .action(async (revision: string, options: WhereOptions & { reason: string; compared: string }, command: Command) => {
      const at = momentOf(command, '--compared', options.compared) as Instant;
      const appId = await applicationOf(command, options);
      const { reason } = reasonOf(command, options.reason);
      const approved = await onShelf(ports, command, options, (shelf) => shelf.approve(appId, { revision, at }, reason as string));
      say(options, approved, approvedLines(approved));
    });
}

function approvedLines({ revision, active, at, losses, gains, failures }: ShelvedApproval): string {
  const failed = failures === 0 ? '' : `, ${failures} questions without an answer`;
  const against = active === undefined ? 'the standard rules alone' : `revision ${active}`;
  return `approved: revision ${revision} may be activated\n  ${losses} lose, ${gains} gain access${failed}; compared with ${against} at ${at}\n`;
}

/** `tilgang policy demand`. */
export function demandCommand(ports: CommandPorts): Command {
  return withApplication(new Command('demand'))
    .description('say what an activation demands of `diff`: that nothing changes, or that what changes is approved by name')
    .addArgument(new Command().createArgument('<what>', 'what is demanded').choices(['empty', 'approved', 'none']))
    .addHelpText('after', WHERE_HELP)
    .action(async (what: 'empty' | 'approved' | 'none', options: WhereOptions, command: Command) => {
      const appId = await applicationOf(command, options);
      const turned = await onShelf(ports, command, options, (shelf) => shelf.demand(appId, what === 'none' ? undefined : what));
      say(options, turned, `${turned.isChanged ? 'done' : 'unchanged'}: an activation demands ${what === 'none' ? 'nothing' : what}\n`);
    });
}
