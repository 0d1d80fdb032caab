import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDecisions,
  type DecisionEvent,
  DecisionLog,
  type DecisionSettings,
  isTexts,
  type Judge,
  type Rule,
  readDecisions,
} from '#decisions';
import { decisionSettings } from '#decisions/settings';
import type { Bundle } from '#policy';

/** The part of a tap test that ends what it began. */
interface Ending {
  teardown(end: () => unknown): void;
}

export const NOON = Date.parse('2026-11-21T12:00:00.000Z');
export const SEARCH: Rule<readonly string[]> = { entrypoint: 'tilgang/access/search', isAnswer: isTexts, isLogged: true };

/** The settings as they are when nothing is written, and what a test has otherwise. */
export function settingsWith(more: Partial<DecisionSettings> = {}): DecisionSettings {
  const entries = Object.entries(decisionSettings.settings).map(([key, one]) => [key, one.fallback()]);
  return { ...(Object.fromEntries(entries) as DecisionSettings), ...more };
}

/** A bundle that answers what it is told; by rule, besides the search. */
export function bundleWith(rules: Readonly<Record<string, (input: unknown) => unknown>> = {}): Bundle {
  const all: Readonly<Record<string, (input: unknown) => unknown>> = { [SEARCH.entrypoint]: () => ['910000000'], ...rules };
  const evaluate: Bundle['evaluate'] = (entrypoint, input) => all[entrypoint]?.(input);
  const evaluateToJson: Bundle['evaluateToJson'] = (entrypoint, input) => JSON.stringify(evaluate(entrypoint, input));
  const evaluateMany: Bundle['evaluateMany'] = (entrypoint, inputs) => inputs.map((input) => evaluate(entrypoint, input));
  return { revision: 'r1', entrypoints: Object.keys(all).sort(), evaluate, evaluateMany, evaluateToJson };
}

/** A decision log on a folder of its own, and a judge over it. */
export interface LoggedWorld {
  readonly folder: string;
  readonly log: DecisionLog;
  /** What was told. */
  readonly told: string[];
  /** What the clock shows; may be set. */
  now: number;
  judge(requestId?: string): Judge;
  /** Asks so many questions, one after the other, and waits until they are written. */
  ask(count?: number, input?: object): Promise<readonly unknown[]>;
  /** All that is in the log. */
  events(): Promise<DecisionEvent[]>;
  /** The names of the segments' files. */
  files(): string[];
}

/** Opens it. @param folder of a log before; by default a new one */
export function openLogged(
  t: Ending,
  more: Partial<DecisionSettings> = {},
  {
    folder = join(temporary(t), 'decisions'),
    bundle = bundleWith(),
    fetch,
  }: { folder?: string; bundle?: Bundle; fetch?: typeof globalThis.fetch } = {},
): LoggedWorld {
  const told: string[] = [];
  const world: { now: number } = { now: NOON };
  const clock = (): number => world.now;
  const log = new DecisionLog({
    folder,
    settings: settingsWith(more),
    version: '1.2.3',
    clock,
    tell: (event) => told.push(event),
    ...(fetch && { fetch }),
  });
  t.teardown(() => log.close());
  const decisions = createDecisions(() => bundle, { log, clock });
  return Object.assign(world, {
    folder,
    log,
    told,
    judge: (requestId?: string) => decisions.pinned(requestId),
    async ask(count = 1, input: object = {}) {
      const outcomes: unknown[] = [];
      for (let i = 0; i < count; i += 1) {
        const judge = decisions.pinned(`request-${i}`);
        judge.ask(SEARCH, input, undefined, { requestedBy: '910000001' });
        outcomes.push(await judge.written());
      }
      return outcomes;
    },
    events: () => eventsIn(folder),
    files: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.jsonl'))
        .sort(),
  });
}

/** All events of a folder. */
export async function eventsIn(folder: string, range: Partial<Parameters<typeof readDecisions>[0]> = {}): Promise<DecisionEvent[]> {
  const events: DecisionEvent[] = [];
  for await (const event of readDecisions({ folder, ...range })) events.push(event);
  return events;
}

/** The text of all files of a folder. */
export function textOf(folder: string): string {
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('');
}

/** A folder that goes with the test. */
export function temporary(t: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilgang-log-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
