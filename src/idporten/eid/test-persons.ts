import type { PersonNumber } from '#domain';
import { ACR_VALUES, strengthOf } from '../provider/levels.js';

/** An invented person whom anybody may log in as where nobody really logs in. */
export interface TestPerson {
  /** Says nothing of the number. */
  readonly id: string;
  readonly name: string;
  readonly number: PersonNumber;
  /** What it may do, and where, if it is an administrator. */
  readonly about?: { readonly role: string; readonly organisation: string };
}

/** Some of them, of a search. */
export interface FoundPersons {
  readonly persons: readonly TestPerson[];
  /** Of all that were found, how many stand before these. */
  readonly before: number;
  readonly total: number;
}

/** Whom a login hint names (`testid:<number or id>_<level>`), and how surely; without a level, as surely as can be. */
export interface HintedPerson {
  readonly person: TestPerson;
  readonly acr: string;
}

/** What `amr` says of such a login, as ID-porten's own test logins do. */
export const TEST_AMR: readonly string[] = ['TestID'];

/** How many are shown at once. */
const SHOWN = 20;
const HINT = /^testid:([^_]{1,100})(?:_(.+))?$/;

/** The persons whom one can log in as. */
export class TestPersons {
  readonly #list: readonly TestPerson[];

  constructor(list: readonly TestPerson[]) {
    this.#list = list;
  }

  /** By id. */
  find(id: string): TestPerson | undefined {
    return this.#list.find((person) => person.id === id);
  }

  /** Those whose name, id, role or organisation holds each word, however it is written. @param page from 1; one that is not there is the last */
  search(words: string, page: number): FoundPersons {
    const wanted = folded(words).split(/\s+/);
    const found = this.#list.filter((person) => wanted.every((word) => toldOf(person).includes(word)));
    const last = Math.max(1, Math.ceil(found.length / SHOWN));
    const before = (Math.min(Math.max(1, Number.isInteger(page) ? page : 1), last) - 1) * SHOWN;
    return { persons: found.slice(before, before + SHOWN), before, total: found.length };
  }

  /** 'unknown': the hint is for a test login, of nobody or at no level that there is. Undefined: it is another hint. */
  hinted(loginHint: string | undefined): HintedPerson | 'unknown' | undefined {
    if (loginHint === undefined || !loginHint.startsWith('testid:')) return undefined;
    const [, who, acr = 'idporten-loa-high'] = HINT.exec(loginHint) ?? [];
    const person = this.#list.find(({ id, number }) => who === id || who === number);
    const level = ACR_VALUES[strengthOf(acr) - 1];
    return person === undefined || level === undefined ? 'unknown' : { person, acr: level };
  }
}

/** How many persons of a search stand on a page. */
export function pagesOf({ before, total }: FoundPersons): { readonly page: number; readonly pages: number } {
  return { page: before / SHOWN + 1, pages: Math.max(1, Math.ceil(total / SHOWN)) };
}

function toldOf({ id, name, about }: TestPerson): string {
  return folded([name, id, about?.role, about?.organisation].filter(Boolean).join(' '));
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().trim();
}
