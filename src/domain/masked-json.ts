import { maskPersonNumbers } from './numbers-in-text.js';

/** A JSON value with `[masked]` for all in its texts, names and numbers that reads as a person number. */
export function maskedJson(value: unknown): unknown {
  if (typeof value === 'string') return maskPersonNumbers(value);
  if (typeof value === 'number') {
    const digits = String(value);
    const masked = maskPersonNumbers(digits);
    return masked === digits ? value : masked;
  }
  if (Array.isArray(value)) return value.map(maskedJson);
  if (typeof value !== 'object' || value === null) return value;
  // Whatever the name is, `__proto__` too.
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [maskPersonNumbers(name), maskedJson(one)]));
}
