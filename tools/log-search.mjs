// Looks for person numbers in what the tested processes have logged.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoWorld } from '../dist/demo/index.js';
import { isFault, parsePersonNumber, toInstant } from '../dist/domain/index.js';

/** The places (`file:line`) that hold a person number, of the demo world or any other that is valid, and how many files there are. */
export function personNumbersIn(folder) {
  const known = new Set(demoWorld(toInstant(0)).persons.map(({ brukerIdent }) => brukerIdent));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = files.flatMap(({ parentPath, path, name }) => {
    const lines = readFileSync(join(parentPath ?? path, name), 'utf8').split('\n');
    return lines.flatMap((line, i) => (holdsNumber(line, known) ? [`${name}:${i + 1}`] : []));
  });
  return { files: files.length, places };
}

/** Eleven of its last digits are a valid number once in some ten thousand times. */
const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

function holdsNumber(text, known) {
  const line = text.replace(UUID, '');
  for (const { 0: digits, index } of line.matchAll(/[0-9]{11,}/g)) {
    for (let i = 0; i + 11 <= digits.length; i += 1) if (known.has(digits.slice(i, i + 11))) return true;
    // The fraction of a measured time is no number that stands alone.
    const isFraction = /[0-9]\.$/.test(line.slice(Math.max(0, index - 2), index));
    if (digits.length === 11 && !isFraction && !isFault(parsePersonNumber(digits))) return true;
  }
  return false;
}
