// Grants to import: made-up persons, each with some kommuner in one application that every kommune has activated.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { demoWorld, KOMMUNER, syntheticPersonNumber } from '#demo';

const BODIES = 2000;
const world = demoWorld(new Date().toISOString());
/** The application of the grants, and a client of the demo world that may ask about it. */
export const { appId, clientId } = world.first;

/** Another application that every kommune has activated. */
export const otherAppId = world.applications.find(({ name }) => name.nb === 'Byggesaksinnsyn').id;

/** Numbers in [0, 1), the same row each run (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const random = numbers(2026);
const demoPersons = new Set(world.persons.map(({ brukerIdent }) => brukerIdent));
const persons = new Set();

/** The persons of all sizes begin alike, so that they are made once. None is of the demo world, which has grants already. */
function personsUpTo(count) {
  while (persons.size < count) {
    const person = syntheticPersonNumber(random);
    if (!demoPersons.has(person)) persons.add(person);
  }
  return [...persons].slice(0, count);
}

/** The kommuner of the person at a place, never the same one twice: the last step stays within one turn of the list. */
function kommunerAt(index, count = 2) {
  const step = 1 + (index % Math.floor((KOMMUNER.length - 1) / (count - 1)));
  return Array.from({ length: count }, (_, turn) => KOMMUNER[(index * 7 + turn * step) % KOMMUNER.length]);
}

const kommunerOf = (index, count) => kommunerAt(index, count).map(({ kommunenummer }) => kommunenummer);

/** Up to `most` of the persons who have a grant of the kommune in a dataset of that size, from all over it. */
export function personsOf(kommunenummer, grants, most) {
  const found = personsUpTo(grants / 2).filter((_, index) => kommunerOf(index).includes(kommunenummer));
  const step = Math.max(1, found.length / most);
  return Array.from({ length: Math.min(most, found.length) }, (_, i) => found[Math.floor(i * step)]);
}

/** Persons who are not among the first so many. */
export const personsBeyond = (first, count) => personsUpTo(first + count).slice(first);

let taken = 0;

/** Persons whom no call before gave. */
export function newPersons(count) {
  taken += count;
  return personsUpTo(taken).slice(taken - count);
}

/**
 * Writes `grants` lines of JSONL: every person's first kommune, then every person's second and so on, so that an import comes back to
 * each document. Gives the questions to ask: a bounded number of persons from all over, each with the kommuner that are right.
 * @param perPerson how many kommuner each person has
 */
export async function writeDataset(file, grants, perPerson = 2) {
  const people = personsUpTo(grants / perPerson);
  const out = createWriteStream(file, { mode: 0o600 });
  for (let turn = 0; turn < perPerson; turn += 1) {
    for (let i = 0; i < people.length; i += 1) {
      const line = `{"app":"${appId}","brukerIdent":"${people[i]}","kommune":"${kommunerOf(i, perPerson)[turn]}"}\n`;
      if (!out.write(line)) await once(out, 'drain');
    }
  }
  out.end();
  await once(out, 'finish');
  const count = Math.min(BODIES, people.length);
  return Array.from({ length: count }, (_, i) => {
    const index = Math.floor(((i + random()) / count) * people.length);
    return {
      brukerIdent: people[index],
      body: JSON.stringify({ brukerIdent: people[index] }),
      kommuner: kommunerOf(index, perPerson).sort(),
    };
  }).sort(() => random() - 0.5);
}
