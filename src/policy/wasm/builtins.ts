import { loadYaml } from '#settings';

/**
 * A host built-in: JSON values in, a JSON value out; `undefined` makes the calling expression undefined.
 * What it throws fails the evaluation.
 */
export type Builtin = (...args: unknown[]) => unknown;

/** Host built-ins by OPA's names. */
export type Builtins = Readonly<Record<string, Builtin>>;

/** What every bundle may call; a bundle that needs more is refused when it is loaded. */
export const ownBuiltins: Builtins = {
  'json.is_valid': (text) => (typeof text === 'string' ? parsed(() => JSON.parse(text)) !== undefined : undefined),
  sprintf: (format, values) =>
    typeof format === 'string' && Array.isArray(values) ? formatted(format, values as readonly unknown[]) : undefined,
  'yaml.is_valid': (text) => (typeof text === 'string' ? parsed(() => loadYaml().parse(text, YAML)) !== undefined : undefined),
  'yaml.marshal': (value) => loadYaml().stringify(value, { sortMapEntries: true }),
  'yaml.unmarshal': (text) => (typeof text === 'string' ? parsed(() => loadYaml().parse(text, YAML)) : undefined),
};

/** Warnings go nowhere: a policy must not write to the console. */
const YAML = { logLevel: 'error' } as const;

/** The value, of which none is `undefined` in JSON and YAML; `undefined` if the text is neither. */
function parsed(parser: () => unknown): unknown {
  try {
    return parser();
  } catch {
    return undefined;
  }
}

/** Go's verbs `%s`, `%v`, `%d` and `%%` without flags; another verb fails the evaluation rather than answer what OPA would not. */
function formatted(format: string, values: readonly unknown[]): string {
  let at = 0;
  const text = format.replace(/%(.?)/gs, (_, verb: string) => {
    if (verb === '%') return '%';
    if (at >= values.length || !/^[svd]$/.test(verb)) throw new Error(`sprintf: %${verb} is not supported here, or has no value`);
    const value = values[at];
    at += 1;
    if (verb === 'd' ? !Number.isInteger(value) : typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new Error(`sprintf: %${verb} does not take this kind of value here`);
    }
    return String(value);
  });
  if (at < values.length) throw new Error('sprintf: more values than verbs');
  return text;
}
