import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { BuiltinError, BuiltinHalt } from './builtin.js';
import { compiledOnce, lazily } from './once-compiled.js';

const require = createRequire(import.meta.url);

const library = lazily(() => require('re2js') as typeof import('re2js'));

/** A regular expression of Go, which matches in time linear in its text. Places are those of UTF-16 units. */
export interface RegularExpression {
  /** Whether it matches anywhere. */
  test(text: string): boolean;
  /** All matches from the left, `limit` of them at most if it is not negative: pairs of places of the whole and of each group, -1 where none matched. */
  all(text: string, limit: number): readonly (readonly number[])[];
  /** Places of groups by name. */
  readonly names: ReadonlyMap<string, number>;
}

/** The expression that a text is in Go's syntax (RE2). @throws BuiltinError for what is none */
export const regularExpression = compiledOnce(200, (pattern): RegularExpression => {
  const { RE2JS: Re2, RE2JSException } = library();
  if (pattern.length > MAX_PATTERN) throw new BuiltinHalt(`a regular expression has at most ${MAX_PATTERN} characters here`);
  let compiled: RE2JS;
  try {
    compiled = Re2.compile(pattern);
  } catch (cause) {
    if (cause instanceof RE2JSException) throw new BuiltinError('no regular expression of Go', { cause });
    if (cause instanceof RangeError) throw new BuiltinHalt('a regular expression that nests too deep', { cause });
    throw cause;
  }
  const engine = compiled.re2();
  return {
    test: (text) => engine.match(text),
    all: (text, limit) => (limit === 0 ? [] : ((engine.findAllSubmatchIndex(text, limit) as number[][] | null) ?? [])),
    names: new Map(Object.entries(compiled.namedGroups())),
  };
});

const MAX_PATTERN = 100_000;

/** A text as an expression that matches it and nothing else (Go's regexp.QuoteMeta). */
export function quoteExpression(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
