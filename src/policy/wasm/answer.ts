import { readRego, writeJson } from '../terms/index.js';

/**
 * The only value of a result set in JSON, or `undefined` for an empty one. Numbers come as doubles: fractions as the nearest.
 * @throws Error for more than one result, and for a whole number beyond 2^53 - 1, which a double does not tell from its neighbours
 */
export function parseAnswer(json: string): unknown {
  const texts = listedTexts(json);
  if (texts !== undefined) return texts;
  const results = parsed(json);
  if (!Array.isArray(results) || results.length > 1) throw new Error('the policy gave no result set of at most one');
  const value = (results[0] as { result?: unknown } | undefined)?.result;
  if (!isExact(value)) throw new Error('the policy answered a number that a double does not hold');
  return value;
}

const [LIST_BEGINS, QUOTE, COMMA] = ['[{"result":[', 0x22, 0x2c];

/** A result that is a list of plain texts, as most are: read here in a quarter of the time. `undefined`: it is anything else. */
function listedTexts(json: string): string[] | undefined {
  if (!json.startsWith(LIST_BEGINS) || json.includes('\\')) return undefined;
  const texts: string[] = [];
  for (let at = LIST_BEGINS.length; json.charCodeAt(at) === QUOTE; at += 1) {
    const end = json.indexOf('"', at + 1);
    texts.push(json.slice(at + 1, end));
    at = end + 1;
    if (json.charCodeAt(at) !== COMMA) return json.slice(at) === ']}]' ? texts : undefined;
  }
  return undefined;
}

// The value is looked at, not its text: that is a tenth of the cost.
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
  if (typeof value !== 'object' || value === null) return true;
  return (Array.isArray(value) ? value : Object.values(value)).every(isExact);
}

/** Modules write `.0`, which is no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return JSON.parse(writeJson(readRego(json)));
  }
}

const [BEFORE, AFTER] = ['{{"result": ', '}}'];

/** The only value of a result set in Rego text, as JSON text; `undefined` for an empty one. @throws Error for more than one result */
export function writeAnswer(rego: string): string | undefined {
  if (rego === 'set()') return undefined;
  if (!rego.startsWith(BEFORE) || !rego.endsWith(AFTER)) throw new Error('the policy gave no result set of at most one');
  // A second result would stand behind the first term, where nothing may.
  return writeJson(readRego(rego.slice(BEFORE.length, -AFTER.length)));
}
