import { once } from 'node:events';
import { Command, Option } from 'commander';
import type { DecisionEvent } from '#decisions';
import { dayOf, isFault, parseAppId, parseBrukerId, parsePeriodEnd, parsePeriodStart, present, toInstant } from '#domain';
import { optionalOrgnr } from './arguments.js';
import { isAbout, outcomeOf, reasonsIn, type Sought } from './decision-parts.js';
import { harmless } from './harmless.js';
import type { CommandPorts } from './ports.js';

type Done = (exitCode: number) => void;

interface ListOptions {
  readonly follow?: true;
  readonly app?: string;
  readonly konsument?: string;
  readonly subject?: string;
  readonly result?: Sought['outcome'];
  readonly from?: string;
  readonly until?: string;
  readonly json?: true;
}

const HOUR_MS = 3_600_000;

/** `tilgang decisions` with `show` and `status`: the decision log of this machine. @param done is told the exit code 1 if there is no such decision */
export function decisionsCommand(ports: CommandPorts, done: Done): Command {
  return new Command('decisions')
    .description('list the decisions of the last hour, or of the time that is said')
    .option('-f, --follow', 'go on with decisions as they are made, until Ctrl-C or SIGTERM')
    .option('--app <App-ID>', 'only about this application')
    .option('--konsument <number>', 'only about grants or affairs of this organisation')
    .option('--subject <brukerId>', 'only about this person')
    .addOption(new Option('--result <result>', 'only with this outcome').choices(['yes', 'no', 'failed', 'gap']))
    .option('--from <moment>', 'a date (in Norway) or an RFC 3339 date-time; default: an hour ago')
    .option('--until <moment>', 'the same; of a date its whole day')
    .option('--json', 'whole events as JSON lines, in OPA’s form; also of `show` and `status`')
    .addHelpText(
      'after',
      `
Reads the files of this machine, also while gateways write them; those of other machines lie there. A decision stands as

  moment  outcome  rule  what about  who asked  id

\`gap\` stands for decisions that could not be written. No person number is in the log: \`tilgang grants export\` and the konsument
API tell who a brukerId is.

  $ tilgang decisions --from 2026-11-27 --result no
  $ tilgang decisions -f --app 3f0c…
  $ tilgang decisions show V3xk…-1a`,
    )
    .action(async (options: ListOptions, command: Command) => list(ports, options, command))
    .addCommand(showCommand(ports, done))
    .addCommand(statusCommand(ports));
}

async function list(ports: CommandPorts, options: ListOptions, command: Command): Promise<void> {
  const sought = soughtBy(options, command);
  const from = options.from === undefined ? toInstant(Date.now() - HOUR_MS) : parsePeriodStart(options.from);
  if (isFault(from)) command.error(`error: --from ${from.detail}`);
  const until = options.until === undefined ? undefined : parsePeriodEnd(options.until);
  if (isFault(until)) command.error(`error: --until ${until.detail}`);
  const over = new AbortController();
  const stop = (): void => over.abort();
  let unreadable = 0;
  const onUnreadable = (): void => {
    unreadable += 1;
    if (unreadable === 1) process.stderr.write('tilgang: a line of the decision log is no event, and is left out\n');
  };
  if (options.follow) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    const follow = options.follow ? over.signal : undefined;
    for await (const event of await ports.decisions(present({ from, until, follow, onUnreadable }))) {
      if (!isAbout(event, sought)) continue;
      const line = options.json ? JSON.stringify(event) : lineOf(event);
      if (!process.stdout.write(`${harmless(line)}\n`)) await once(process.stdout, 'drain', { signal: over.signal }).catch(() => {});
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    if (unreadable > 1) process.stderr.write(`tilgang: ${unreadable} lines of it were left out in all\n`);
  }
}

function soughtBy({ app, konsument, subject, result }: ListOptions, command: Command): Sought {
  const appId = app === undefined ? undefined : parseAppId(app);
  if (isFault(appId)) command.error(`error: --app ${appId.detail}`);
  const brukerId = subject === undefined ? undefined : parseBrukerId(subject);
  if (isFault(brukerId)) command.error(`error: --subject ${brukerId.detail}`);
  return present({ appId, brukerId, konsument: optionalOrgnr(command, '--konsument', konsument), outcome: result });
}

function lineOf(event: DecisionEvent): string {
  const { application, subject, action, organisation } = (event.input ?? {}) as Readonly<
    Record<string, { readonly [name: string]: unknown } | undefined>
  >;
  const about = [
    action?.['name'],
    application?.['id'],
    subject?.['id'],
    organisation?.['orgnr'],
    Array.isArray(event.result) ? event.result.join(',') : reasonsIn(event).join(','),
  ].filter((part) => typeof part === 'string' && part !== '');
  return [event.timestamp, outcomeOf(event).padEnd(6), event.path, about.join(' '), event.requested_by ?? '-', event.decision_id].join(
    '  ',
  );
}

function showCommand(ports: CommandPorts, done: Done): Command {
  return new Command('show')
    .description('one decision: the question, the answer, the reasons, and what it was made by and from')
    .argument('<id>', 'its id: the last word of a line')
    .action(async (id: string, _: object, command: Command) => {
      const { json } = command.optsWithGlobals<Pick<ListOptions, 'json'>>();
      for await (const event of await ports.decisions({})) {
        if (event.decision_id !== id) continue;
        process.stdout.write(`${json ? harmless(JSON.stringify(event)) : shownWhole(event)}\n`);
        return;
      }
      process.stderr.write('tilgang: there is no such decision in the log of this machine; what is older than is kept is gone\n');
      done(1);
    });
}

function shownWhole(event: DecisionEvent): string {
  const { decision_id, timestamp, path, bundles = {}, requested_by, custom, erased, masked, error, result, input, labels } = event;
  const bundle = Object.entries(bundles).map(([name, { revision }]) => `${name} ${revision ?? ''}`);
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    ['decision', decision_id],
    ['made', `${timestamp} by process ${labels['id'] ?? '-'} (Tilgang ${labels['version'] ?? '-'})`],
    ['asked by', requested_by],
    ['request', custom?.request_id],
    ['rule', path],
    ['bundle', bundle.join(', ')],
    ['document', custom?.document_revision === undefined ? undefined : `revision ${custom.document_revision}`],
    ['outcome', outcomeOf(event)],
    ['reasons', reasonsIn(event).join(', ')],
    ['failed', error?.message],
    ['left out', erased?.join(', ')],
    ['masked', masked?.join(', ')],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name.padEnd(10)}${harmless(String(value))}`],
  );
  const parts = [['question', input] as const, ['answer', result] as const].filter(([, value]) => value !== undefined);
  // Its own line ends stay: within texts they are escaped already.
  return [
    ...lines,
    ...parts.map(([name, value]) => `\n${name}\n${JSON.stringify(value, undefined, 2).split('\n').map(harmless).join('\n')}`),
  ].join('\n');
}

function statusCommand(ports: CommandPorts): Command {
  return new Command('status')
    .description('how much of the decision log lies here, and how much of it is still to be sent')
    .action(async (_: object, command: Command) => {
      const { json } = command.optsWithGlobals<Pick<ListOptions, 'json'>>();
      const { isSent, ...found } = await ports.decisionLog();
      if (json) {
        process.stdout.write(`${JSON.stringify({ ...found, isSent })}\n`);
        return;
      }
      const since = (ms: number | undefined): string => (ms === undefined ? '' : ` since ${toInstant(ms)}`);
      const day = found.oldestMs === undefined ? '' : `, the oldest of ${dayOf(toInstant(found.oldestMs))}`;
      const unsent = isSent
        ? `${found.unsentBytes} bytes are still to be sent${since(found.unsentSinceMs)}`
        : 'it is sent nowhere (decisionLogUrl)';
      process.stdout.write(`${found.segments} files, ${found.bytes} bytes${day}\n${unsent}\n`);
      if (found.left > 0)
        process.stdout.write(`${found.left} files of processes that have ended: the next gateway of this machine takes them over\n`);
    });
}
