import { holdsPersonNumber, isFault, type Orgnr, parseFreeText, parseOrgnr, present } from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import {
  type AccessPackage,
  LANGUAGES,
  type PackageName,
  RESOURCE_TYPES,
  type Resource,
  type ResourceId,
  type ResourceType,
  type Texts,
} from '../nouns.js';

/** What may be said of a service. */
export type ResourceTerms = Omit<Resource, 'id' | 'created' | 'updated'>;
/** What may be said of a package. */
export type PackageTerms = Omit<AccessPackage, 'name' | 'created' | 'updated'>;

const TITLE = { maxCodePoints: 255 };
const DESCRIPTION = { maxCodePoints: 2000, hasLines: true };
const MOST_ACTIONS = 50;
const MOST_ORGANISATIONS = 10_000;
const MOST_RESOURCES = 1000;

/** A service's id, such as `mva` or `app_skd_arsregnskap`. */
export function isResourceId(text: unknown): text is ResourceId {
  return typeof text === 'string' && /^[a-z0-9][a-z0-9_-]{1,99}$/.test(text);
}

/** A package's name, such as `skattnaering`. */
export function isPackageName(text: unknown): text is PackageName {
  return typeof text === 'string' && /^[a-z0-9][a-z0-9-]{1,99}$/.test(text);
}

function isAction(text: unknown): boolean {
  return typeof text === 'string' && /^[a-z][a-z0-9_-]{0,63}$/.test(text) && !holdsPersonNumber(text);
}

/** A service as it was sent, or was read from a file. @param at pointer to it @throws ProblemError `invalid-request` with all that is wrong */
export function soundResource(sent: unknown, at = ''): ResourceTerms {
  const read = new Reader(sent, at);
  const terms = {
    owner: read.orgnr('owner', read.field('owner')),
    type: read.oneOf('type', RESOURCE_TYPES) as ResourceType,
    title: read.texts('title', TITLE),
    description: read.texts('description', DESCRIPTION),
    actions: read.list('actions', MOST_ACTIONS, isAction, 'a-z 0-9 _ -, and no person number'),
    delegable: read.flag('delegable', true),
    givenBy: read.field('givenBy') === undefined ? undefined : read.oneOf('givenBy', ['organisasjonsadministrator'] as const),
    level: read.field('level') === undefined ? undefined : read.oneOf('level', ['high'] as const),
    onlyFor:
      read.field('onlyFor') === undefined
        ? undefined
        : (read.list(
            'onlyFor',
            MOST_ORGANISATIONS,
            (text) => typeof text === 'string' && !isFault(parseOrgnr(text)),
            'organisation numbers',
          ) as Orgnr[]),
    active: read.flag('active', true),
  };
  if (terms.actions.length === 0) read.add('actions', 'must have at least one');
  read.end();
  return present(terms);
}

/** A package as it was read from a file. @throws ProblemError `invalid-request` with all that is wrong */
export function soundPackage(sent: unknown, at = ''): PackageTerms {
  const read = new Reader(sent, at);
  const terms = {
    title: read.texts('title', TITLE),
    description: read.texts('description', DESCRIPTION),
    resources: read.list('resources', MOST_RESOURCES, isResourceId, 'ids of services') as ResourceId[],
    assignable: read.flag('assignable', false),
    delegable: read.flag('delegable', false),
    active: read.flag('active', true),
  };
  read.end();
  return terms;
}

/** Reads the fields of an object, and keeps what is wrong with them. */
class Reader {
  readonly #from: Readonly<Record<string, unknown>>;
  readonly #at: string;
  readonly #faults: FieldFault[] = [];

  constructor(sent: unknown, at: string) {
    this.#from = typeof sent === 'object' && sent !== null ? (sent as Record<string, unknown>) : {};
    this.#at = at;
  }

  field(name: string): unknown {
    return this.#from[name];
  }

  add(name: string, detail: string): void {
    this.#faults.push({ pointer: `${this.#at}/${name}`, detail });
  }

  /** @throws ProblemError `invalid-request` if anything is wrong */
  end(): void {
    if (this.#faults.length > 0) throw new ProblemError('invalid-request', { at: this.#faults });
  }

  orgnr(name: string, value: unknown): Orgnr {
    const read = typeof value === 'string' ? parseOrgnr(value) : undefined;
    if (read === undefined || isFault(read))
      this.add(name, 'must be an organisation number: nine digits, of which the last is a check digit');
    return read as Orgnr;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.field(name);
    if (!allowed.includes(value as T)) this.add(name, `must be one of ${allowed.join(', ')}`);
    return value as T;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.field(name) ?? otherwise;
    if (typeof value !== 'boolean') this.add(name, 'must be true or false');
    return value === true;
  }

  texts(name: string, rule: { readonly maxCodePoints: number; readonly hasLines?: boolean }): Texts {
    const sent = (this.field(name) ?? {}) as Partial<Record<string, unknown>>;
    const [nb, nn, en] = LANGUAGES.map((language) => {
      const text = sent[language];
      const read = typeof text === 'string' ? parseFreeText(text, rule) : undefined;
      if (typeof read === 'string') return read;
      this.add(`${name}/${language}`, isFault(read) ? read.detail : 'must be a text');
      return '';
    }) as [string, string, string];
    return { nb, nn, en };
  }

  list(name: string, most: number, isGood: (value: unknown) => boolean, words: string): readonly string[] {
    const value = this.field(name);
    if (!Array.isArray(value) || value.length > most || !value.every(isGood)) {
      this.add(name, `must be a list of at most ${most} (${words})`);
      return [];
    }
    return [...new Set(value as string[])];
  }
}
