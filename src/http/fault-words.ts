import type { ErrorObject } from 'ajv/dist/2020.js';
import { holdsPersonNumber } from '#domain';
import type { FieldFault } from '#problem';

/** Where in the description a pattern is said in words: beside it. */
const PATTERN_IN_WORDS = 'x-pattern-in-words';

const FAULTS_TOLD = 20;

/** What is wrong with a value, by the faults that were found in it: each names its field, what was allowed, and quotes nothing that was sent. */
export function faultsInWords(errors: readonly ErrorObject[]): FieldFault[] {
  const alternatives = errors.filter(({ keyword }) => keyword === 'oneOf');
  return errors
    .filter((error) => !isAnotherAlternative(error, alternatives))
    .slice(0, FAULTS_TOLD)
    .map(inWords);
}

/** "This or null" is told as the fault of this: that it is not null either goes without saying. */
function isAnotherAlternative(error: ErrorObject, alternatives: readonly ErrorObject[]): boolean {
  if (error.keyword === 'oneOf') return true;
  const isNull = error.keyword === 'type' && error.params['type'] === 'null';
  return isNull && alternatives.some(({ instancePath }) => instancePath === error.instancePath);
}

function inWords({ instancePath, keyword, params, parentSchema }: ErrorObject): FieldFault {
  if (keyword === 'required') return { pointer: `${instancePath}/${params['missingProperty']}`, detail: 'is missing' };
  if (keyword === 'additionalProperties') return unknownField(instancePath, params['additionalProperty'], parentSchema);
  const words = WORDS.get(keyword)?.(params, parentSchema ?? {});
  return { pointer: instancePath, detail: words === undefined ? 'is not as described' : `must ${words}` };
}

type Params = ErrorObject['params'];
type Schema = Readonly<Record<string, unknown>>;

const TYPES: ReadonlyMap<unknown, string> = new Map([
  ['string', 'a text'],
  ['integer', 'a whole number in digits'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['null', 'null'],
]);

/** By the keyword of JSON Schema: how the sentence goes on after "must". */
const WORDS: ReadonlyMap<string, (params: Params, schema: Schema) => string | undefined> = new Map([
  [
    'type',
    ({ type }: Params) =>
      `be ${[type]
        .flat()
        .map((one) => TYPES.get(one))
        .join(' or ')}`,
  ],
  ['enum', ({ allowedValues }: Params) => `be one of ${(allowedValues as readonly unknown[]).join(', ')}`],
  ['pattern', (_: Params, schema: Schema) => `be ${schema[PATTERN_IN_WORDS]}`],
  ['minLength', ({ limit }: Params) => `have at least ${counted(limit, 'character')}`],
  ['maxLength', ({ limit }: Params) => `have at most ${counted(limit, 'character')}`],
  ['minItems', ({ limit }: Params) => `have at least ${counted(limit, 'item')}`],
  ['maxItems', ({ limit }: Params) => `have at most ${counted(limit, 'item')}`],
  ['minProperties', ({ limit }: Params, schema: Schema) => `have at least ${counted(limit, 'field')}; known: ${knownIn(schema)}`],
  ['maxProperties', ({ limit }: Params) => `have at most ${counted(limit, 'field')}`],
  ['uniqueItems', () => 'have no item twice'],
  ['minimum', ({ limit }: Params) => `be ${limit} or more`],
  ['maximum', ({ limit }: Params) => `be ${limit} or less`],
]);

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function unknownField(where: string, name: string, schema: Schema = {}): FieldFault {
  const known = knownIn(schema);
  const isTold = isTellable(name);
  return {
    pointer: isTold ? `${where}/${name}` : where,
    detail: `${isTold ? 'is' : 'has a name that is'} not known here; known: ${known === '' ? 'none' : known}`,
  };
}

/** Whether a sent name may be told to its sender: it looks like one, and holds no person number. */
function isTellable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,39}$/.test(name) && !holdsPersonNumber(name);
}

function knownIn({ properties }: Schema): string {
  return Object.keys((properties ?? {}) as object).join(', ');
}
