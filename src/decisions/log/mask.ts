import { type Bundle, JsonText } from '#policy';

/** Where a bundle says what must not stand in the decision log, as OPA has it. */
const MASK = 'system/log/mask';
const DROP = 'system/log/drop';

/** What becomes of an event before it is written: its line, as it was or masked; nothing, if the policy drops it. */
export interface Masked {
  readonly line: string | undefined;
  /** The mask could not be had, so that the event has no body. */
  readonly failed: boolean;
}

/** Masks the line of an event. */
export type Mask = (line: string) => Masked;

const masks = new WeakMap<Bundle, { readonly mask: Mask | undefined }>();

/**
 * What a bundle says must not be logged: `data.system.log.mask` (pointers to remove, or `{op, path, value}`) and `data.system.log.drop`, asked with the event
 * as input. It is asked before anything is written, so that the unmasked event is never on disk. @returns `undefined` if the bundle has neither rule
 */
export function maskOf(bundle: Bundle): Mask | undefined {
  let known = masks.get(bundle);
  if (known === undefined) {
    known = { mask: [MASK, DROP].some((rule) => bundle.entrypoints.includes(rule)) ? (line) => masked(bundle, line) : undefined };
    masks.set(bundle, known);
  }
  return known.mask;
}

function masked(bundle: Bundle, line: string): Masked {
  try {
    if (asked(bundle, DROP, line) === true) return { line: undefined, failed: false };
    const rules = asked(bundle, MASK, line);
    if (rules === undefined) return { line, failed: false };
    const found = rulesOf(rules);
    return { line: found.length === 0 ? line : withMask(line, found), failed: false };
  } catch {
    return { line: withoutBody(line), failed: true };
  }
}

function asked(bundle: Bundle, rule: string, line: string): unknown {
  if (!bundle.entrypoints.includes(rule)) return undefined;
  const value = bundle.evaluate(rule, new JsonText(line));
  if (value instanceof Promise) {
    // Whoever judges what is secret runs inline.
    value.catch(() => {});
    throw new TypeError('a mask is not waited for');
  }
  if (rule === DROP && value !== undefined && typeof value !== 'boolean') throw new TypeError(`${rule} gave no boolean`);
  return value;
}

interface MaskRule {
  readonly op: 'remove' | 'upsert';
  readonly path: string;
  readonly value?: unknown;
}

type Event = Record<string, unknown> & { erased?: string[]; masked?: string[] };

const BODY = ['input', 'result', 'nd_builtin_cache'];

/** The rules, all of them sound. @throws TypeError */
function rulesOf(value: unknown): readonly MaskRule[] {
  if (!Array.isArray(value)) throw new TypeError('the mask is no set of rules');
  return value.map((one: unknown): MaskRule => {
    const { op, path, value: put } = (typeof one === 'string' ? { op: 'remove', path: one } : (one ?? {})) as Partial<MaskRule>;
    if ((op !== 'remove' && op !== 'upsert') || typeof path !== 'string') throw new TypeError('a rule of the mask has no such form');
    if (!BODY.includes(path.slice(1).split('/')[0] as string) || !path.startsWith('/'))
      throw new TypeError('a mask reaches the body alone');
    return { op, path, value: put };
  });
}

function withMask(line: string, rules: readonly MaskRule[]): string {
  const event = JSON.parse(line) as Event;
  for (const { op, path, value } of rules) {
    const steps = path.slice(1).split('/');
    const isDone = op === 'remove' ? remove(event, steps) : upsert(event, steps, value);
    if (!isDone) continue;
    const name = op === 'remove' ? 'erased' : 'masked';
    event[name] = [...(event[name] ?? []), path];
  }
  return JSON.stringify(event);
}

function withoutBody(line: string): string {
  const event = JSON.parse(line) as Event;
  const had = BODY.filter((name) => Object.hasOwn(event, name));
  for (const name of had) delete event[name];
  return JSON.stringify({
    ...event,
    erased: had.map((name) => `/${name}`),
    custom: { ...(event['custom'] as object | undefined), mask_failed: true },
  });
}

type Container = Record<string, unknown> | unknown[];

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The step as the container knows it: as it stands in the path, else percent-decoded; `undefined` if there is no such member. */
function memberOf(container: Container, step: string): string | undefined {
  const has = (name: string): boolean =>
    Array.isArray(container) ? /^(0|[1-9][0-9]*)$/.test(name) && Number(name) < container.length : Object.hasOwn(container, name);
  if (has(step)) return step;
  const decoded = decodeURIComponent(step);
  return has(decoded) ? decoded : undefined;
}

/** What holds the last step; members are made on the way where they are missing, if that is wanted. */
function parentOf(event: Event, steps: readonly string[], makes: boolean): Container | undefined {
  let at: Container = event;
  for (const step of steps.slice(0, -1)) {
    const member = memberOf(at, step);
    if (member === undefined) {
      if (!makes || Array.isArray(at) || at === event) return undefined;
      put(at, step, {});
    }
    const next: unknown = (at as Record<string, unknown>)[member ?? step];
    if (!isContainer(next)) return undefined;
    at = next;
  }
  return at;
}

function remove(event: Event, steps: readonly string[]): boolean {
  const parent = parentOf(event, steps, false);
  const member = parent === undefined ? undefined : memberOf(parent, steps.at(-1) as string);
  if (parent === undefined || member === undefined) return false;
  if (Array.isArray(parent)) parent.splice(Number(member), 1);
  else delete parent[member];
  return true;
}

function upsert(event: Event, steps: readonly string[], value: unknown): boolean {
  const parent = parentOf(event, steps, true);
  const last = steps.at(-1) as string;
  if (parent === undefined) return false;
  const member = memberOf(parent, last);
  if (member === undefined && (Array.isArray(parent) || parent === event)) return false;
  put(parent, member ?? last, value);
  return true;
}

/** Whatever the name is, `__proto__` too. */
function put(container: Container, name: string, value: unknown): void {
  Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
}
