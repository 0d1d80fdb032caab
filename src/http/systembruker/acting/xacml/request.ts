import { present } from '#domain';
import { invalid } from '#problem';

/** An attribute as it was sent. */
export interface Attribute {
  readonly id: string;
  /** Whatever it is: only a text can be one that is known. */
  readonly value: unknown;
  readonly dataType?: string;
  readonly isIncluded: boolean;
}

const CATEGORIES = {
  AccessSubject: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
  Action: 'urn:oasis:names:tc:xacml:3.0:attribute-category:action',
  Resource: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
} as const;
/** What a question is about, by XACML's short names. */
export type CategoryName = keyof typeof CATEGORIES;
const NAMES = Object.keys(CATEGORIES) as readonly CategoryName[];

/** One category of a question. */
export interface Category {
  readonly name: CategoryName;
  readonly categoryId: string;
  readonly attributes: readonly Attribute[];
}

/** The categories of one question. */
export type SentQuestion = readonly Category[];

/** No more are asked at once. */
const MOST_QUESTIONS = 1000;
/** In one category: each question looks through those of its own. */
const MOST_ATTRIBUTES = 100;
/** Characters that are told back (`IncludeInResult`): many questions may name one category, and each would tell it anew. */
const MOST_INCLUDED = 1_000_000;

/**
 * The questions of a request (JSON Profile of XACML 3.0, §4.2). Altinn takes names in any case; what stands there twice that way is refused, since one reader would take
 * the one and another the other.
 * @throws ProblemError `invalid-request`
 */
export function questionsIn(body: unknown): readonly SentQuestion[] {
  const request = new Sent(body, '').object('Request');
  const kept = NAMES.map((name) => categoriesOf(request, name));
  const references = request.optional('MultiRequests')?.list('RequestReference');
  if (references === undefined) {
    for (const [i, some] of kept.entries()) if (some.length > 1) throw tooMany(NAMES[i] as CategoryName);
    return [kept.flatMap((some) => some[0]?.category ?? [])];
  }
  if (references.length > MOST_QUESTIONS)
    throw invalid('/Request/MultiRequests/RequestReference', `must have at most ${MOST_QUESTIONS} questions`);
  const byId = new Map<string, Category>();
  for (const { id, category, at } of kept.flat()) {
    if (id === undefined) continue;
    if (byId.has(id)) throw invalid(`${at}/Id`, 'stands at another category, too');
    byId.set(id, category);
  }
  const questions = references.map((reference) => referred(reference, byId));
  assertSmall(questions);
  return questions;
}

function assertSmall(questions: readonly SentQuestion[]): void {
  const lengths = new Map<Category, number>();
  let included = 0;
  for (const category of questions.flat()) {
    const length = lengths.get(category) ?? includedLength(category);
    lengths.set(category, length);
    included += length;
  }
  if (included > MOST_INCLUDED)
    throw invalid('/Request/MultiRequests', `must have at most ${MOST_INCLUDED} characters of attributes told back by IncludeInResult`);
}

function includedLength({ attributes }: Category): number {
  return attributes
    .filter(({ isIncluded, value }) => isIncluded && typeof value === 'string')
    .reduce((sum, { id, value, dataType = '' }) => sum + id.length + (value as string).length + dataType.length, 0);
}

function referred(reference: Sent, byId: ReadonlyMap<string, Category>): SentQuestion {
  const found = reference.texts('ReferenceId').map((id) => byId.get(id));
  const known = found.filter((one) => one !== undefined);
  const isEachOnce = new Set(known.map(({ name }) => name)).size === known.length;
  if (known.length < found.length) throw invalid(`${reference.at}/ReferenceId`, 'names what is the Id of no category');
  if (!isEachOnce) throw invalid(`${reference.at}/ReferenceId`, `names more than one of ${NAMES.join(', ')}`);
  return known;
}

interface Identified {
  readonly id: string | undefined;
  readonly category: Category;
  readonly at: string;
}

function categoriesOf(request: Sent, name: CategoryName): readonly Identified[] {
  return request.list(name).map((sent) => ({
    id: sent.text('Id'),
    at: sent.at,
    category: { name, categoryId: CATEGORIES[name], attributes: attributesOf(sent) },
  }));
}

function attributesOf(sent: Sent): readonly Attribute[] {
  const attributes = sent.list('Attribute');
  if (attributes.length > MOST_ATTRIBUTES) throw invalid(`${sent.at}/Attribute`, `must have at most ${MOST_ATTRIBUTES} attributes`);
  return attributes.map(attributeOf);
}

function attributeOf(sent: Sent): Attribute {
  const id = sent.text('AttributeId');
  if (id === undefined) throw invalid(`${sent.at}/AttributeId`, 'is missing');
  const dataType = sent.text('DataType');
  return { id, value: sent.member('Value'), isIncluded: sent.member('IncludeInResult') === true, ...present({ dataType }) };
}

function tooMany(name: CategoryName) {
  return invalid(`/Request/${name}`, 'must have one category, or MultiRequests must say which of them belong together');
}

/** An object as it was sent, with its place. */
class Sent {
  readonly at: string;
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(value: unknown, at: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(at, 'must be an object');
    this.at = at;
    this.#members = value as Readonly<Record<string, unknown>>;
  }

  /** The member of that name, in whatever case it is written; null is none. */
  member(name: string): unknown {
    const names = Object.keys(this.#members).filter((one) => one.toLowerCase() === name.toLowerCase());
    if (names.length > 1) throw invalid(`${this.at}/${name}`, 'stands there more than once, in upper and lower case');
    return names[0] === undefined ? undefined : (this.#members[names[0]] ?? undefined);
  }

  object(name: string): Sent {
    const value = this.member(name);
    if (value === undefined) throw invalid(`${this.at}/${name}`, 'is missing');
    return new Sent(value, `${this.at}/${name}`);
  }

  optional(name: string): Sent | undefined {
    const value = this.member(name);
    return value === undefined ? undefined : new Sent(value, `${this.at}/${name}`);
  }

  /** A list of objects; a single one may stand for itself (§4.2.4). */
  list(name: string): readonly Sent[] {
    const value = this.member(name) ?? [];
    return (Array.isArray(value) ? value : [value]).map((one, i) => new Sent(one, `${this.at}/${name}/${i}`));
  }

  text(name: string): string | undefined {
    const value = this.member(name);
    if (value === undefined || typeof value === 'string') return value;
    throw invalid(`${this.at}/${name}`, 'must be a text');
  }

  texts(name: string): readonly string[] {
    const value = this.member(name);
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    throw invalid(`${this.at}/${name}`, 'must be a list of texts');
  }
}
