import { once } from 'node:events';
import { Command } from 'commander';
import { type AccessParts, type HistoryRange, operatorRequest, readHistory, verifyHistory } from '#access';
import { present } from '#domain';
import { optionalOrgnr, wholeNumber } from './arguments.js';
import type { CommandPorts } from './ports.js';

type Done = (exitCode: number) => void;

/** Never shown, at any depth: sealed person numbers, pictures, kept answers. */
const LEFT_OUT = new Set(['sealed', 'content', 'answer']);

/** `tilgang audit` with `verify` and `events`. @param done is told the exit code 1 if the history is broken */
export function auditCommand(ports: CommandPorts, done: Done): Command {
  return new Command('audit')
    .description('check the history and read it')
    .addCommand(verifyCommand(ports, done))
    .addCommand(eventsCommand(ports));
}

function verifyCommand(ports: CommandPorts, done: Done): Command {
  return new Command('verify')
    .description('read the whole history and compare it with what is stored')
    .addHelpText(
      'after',
      `
Finds what was altered, removed or swapped in the store: events, documents, index entries. The gateway may run meanwhile.
Ends with 0 if all is whole, with 1 if not; then it names the first event that is broken.`,
    )
    .action(async () => {
      const { access, close } = await ports.openAccess();
      const isShown = process.stderr.isTTY;
      try {
        const { events, documents, broken } = await verifyHistory(access, operatorRequest(), (read) => {
          if (isShown) process.stderr.write(`\r\u001B[K${read} events read`);
        });
        if (isShown) process.stderr.write('\r\u001B[K');
        if (broken === undefined) process.stdout.write(`${events} events, ${documents} documents: whole\n`);
        else {
          const { cursor, detail, entity, key } = broken;
          const whose = entity === undefined ? '' : ` (${[entity, key].filter((part) => part !== undefined).join(' ')})`;
          process.stdout.write(`BROKEN at event ${cursor}: ${detail}${whose}\n`);
          done(1);
        }
      } finally {
        await close();
      }
    });
}

interface EventOptions {
  readonly orgnr?: string;
  readonly after?: string;
  readonly limit?: number;
  readonly follow?: true;
}

function eventsCommand(ports: CommandPorts): Command {
  return new Command('events')
    .description('print events as JSON lines, oldest first, for shipping to a log system')
    .option('--orgnr <number>', 'only those that concern this organisation')
    .option('--after <cursor>', 'only those after this one: the `cursor` of the last event that was shipped')
    .option('--limit <n>', 'at most so many', wholeNumber('events', 1, Number.MAX_SAFE_INTEGER))
    .option('--follow', 'go on with events as they happen, until Ctrl-C or SIGTERM')
    .addHelpText('after', '\nSealed person numbers and the bytes of pictures are left out, so `hash` cannot be computed from a line.')
    .action(async (options: EventOptions, command: Command) => {
      const orgnr = optionalOrgnr(command, '--orgnr', options.orgnr);
      if (options.after !== undefined && !/^[0-9]{16}$/.test(options.after)) command.error('error: --after is no cursor of an event');
      const { after, limit, follow } = options;
      const { access, close } = await ports.openAccess();
      const over = new AbortController();
      const stop = (): void => over.abort();
      if (follow === true) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
      try {
        await print(access, present({ orgnr, after, limit, follow, over: over.signal }));
      } finally {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
        await close();
      }
    });
}

async function print(access: AccessParts, range: HistoryRange): Promise<void> {
  const { over } = range;
  for await (const event of await readHistory(access, operatorRequest(), range)) {
    if (over.aborted) return;
    if (!process.stdout.write(`${JSON.stringify(event, shown)}\n`)) await once(process.stdout, 'drain', { signal: over }).catch(() => {});
  }
}

function shown(name: string, value: unknown): unknown {
  return LEFT_OUT.has(name) ? undefined : value;
}
