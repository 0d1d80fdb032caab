import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type FieldFault, ProblemError } from '#problem';
import { describedNames } from './described-names.js';
import { faultsInWords } from './fault-words.js';
import { queryValues } from './query-values.js';
import { TILGANG_REVISION } from './revisions.js';

/** An API's description: served as it is, and what its requests are checked by. */
export interface OpenApi {
  /** The description as JSON text. */
  readonly json: string;
  /** The path below the origin that the API lives at (`servers[0].url`). */
  readonly base: string;
  /** Where the description itself is served (`x-served-at`, below the base; `/openapi.json` if left out: several APIs may share a base). */
  readonly servedAt: string;
  readonly operations: readonly Operation[];
}

/** One method of one path, with the checks that its description asks for. */
export interface Operation {
  readonly id: string;
  /** In lower case. */
  readonly method: string;
  /** The path's template below the base, such as `/app/{appId}`; a parameter that takes all the rest of a path (`x-rest`) as `{name...}`. */
  readonly path: string;
  /** Whether no token is needed (`security: []`). */
  readonly isOpen: boolean;
  /** The header of the caller's token, where that of another is judged (a scheme of the type `apiKey`); absent: Authorization. */
  readonly proxyHeader: string | undefined;
  /** The media types of JSON that its body may have; none if it has no body, or one that its handler reads. */
  readonly jsonTypes: readonly string[];
  readonly isBodyRequired: boolean;
  /** Of what a body may be larger than usual (`x-largest-body`), in bytes and in fields and items. */
  readonly largestBody: { readonly bytes: number; readonly parts: number } | undefined;
  /** Whether another media type is answered with 415; else it is a request that is not as described, with 400. */
  readonly tellsMediaType: boolean;
  /** Whether it heeds the header Idempotency-Key. */
  readonly isIdempotent: boolean;
  /** Whether it is answered from a state as new as the header Tilgang-Revision asks for. */
  readonly heedsRevision: boolean;
  /** Whether its answers have that header. */
  readonly tellsRevision: boolean;
  /**
   * Answers the JSON body. @throws ProblemError `invalid-request` with a pointer for each fault
   */
  checkBody(body: unknown): unknown;
  /**
   * Answers the query parameters with their types and defaults.
   * @throws ProblemError `invalid-request` with the name of each faulty parameter; a parameter that is not described is one
   */
  checkQuery(sent: SentQuery): Readonly<Record<string, unknown>>;
}

/** A query as it was sent. */
export interface SentQuery {
  readonly querystring: string;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: unknown };
  readonly 'x-rest'?: boolean;
}
interface DescribedOperation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly headers?: Readonly<Record<string, unknown>> }>>;
  readonly 'x-largest-body'?: { readonly bytes: number; readonly parts: number };
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, { readonly schema: object }>> };
}
interface Description {
  readonly servers: readonly { readonly url: string }[];
  readonly 'x-served-at'?: string;
  readonly 'x-names-in-any-case'?: boolean;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components?: {
    readonly parameters?: Readonly<Record<string, Parameter>>;
    readonly schemas?: object;
    readonly securitySchemes?: Readonly<Record<string, { readonly type: string; readonly name?: string }>>;
  };
}

const METHODS = new Set(['get', 'put', 'post', 'patch', 'delete']);
const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** Ajv compares each item with each, also of a list that is far too long: a second for 64 KiB. The items of all described lists are texts. */
const UNIQUE_ITEMS = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (isAsked: boolean, items: readonly unknown[]) => !isAsked || new Set(items).size === items.length,
} as const;

const alreadyRead = new Map<string, OpenApi>();

/**
 * The description beside a compiled file: `openapi.yaml` as the build has written it, in JSON. Read, and made into checks, once in a process.
 * @param here that file's `import.meta.url`
 */
export function readOpenApi(here: string): OpenApi {
  const openapi = alreadyRead.get(here) ?? readAnew(here);
  alreadyRead.set(here, openapi);
  return openapi;
}

function readAnew(here: string): OpenApi {
  const json = readFileSync(new URL('openapi.json', here), 'utf8');
  const description = JSON.parse(json) as Description;
  // The description itself is checked by `make check`, not at each start.
  const checking = (options: object) =>
    atFirstUse(() =>
      new Ajv2020({ allErrors: true, verbose: true, strict: false, validateSchema: false, validateFormats: false, ...options })
        .removeKeyword('uniqueItems')
        .addKeyword(UNIQUE_ITEMS)
        // Of all of it what is checked by: looking through the rest would hold the first request up.
        .addSchema({ components: { schemas: description.components?.schemas ?? {} } }, 'openapi'),
    );
  const bodies = checking({});
  const queries = checking({ useDefaults: true });
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, described]) => operationOf(description, bodies, queries, path, method, described)),
  );
  const base = (description.servers[0]?.url ?? '').replace(/\/$/, '');
  return { json, base, servedAt: `${base}${description['x-served-at'] ?? '/openapi.json'}`, operations };
}

function operationOf(
  description: Description,
  bodies: () => Ajv2020,
  queries: () => Ajv2020,
  path: string,
  method: string,
  described: DescribedOperation,
): Operation {
  const { operationId: id, security = description.security ?? [], parameters = [], requestBody, responses } = described;
  const all = [...((description.paths[path] as { parameters?: readonly Parameter[] }).parameters ?? []), ...parameters].map((one) =>
    resolved(description, one),
  );
  const hasHeader = (name: string): boolean => all.some((one) => one.in === 'header' && one.name === name);
  const rests = all.filter((one) => one['x-rest'] === true);
  const bodyTypes = Object.keys(requestBody?.content ?? {});
  const jsonTypes = bodyTypes.filter((type) => type === 'application/json' || type.endsWith('+json'));
  const [jsonType] = jsonTypes;
  const bodySchema = jsonType === undefined ? undefined : requestBody?.content[jsonType]?.schema;
  const named = description['x-names-in-any-case'] === true ? describedNames(description.components?.schemas ?? {}) : undefined;
  const validateBody = bodySchema === undefined ? undefined : atFirstUse(() => bodies().compile(rooted(bodySchema)));
  return {
    id,
    method,
    path: rests.reduce((template, { name }) => template.replace(`{${name}}`, `{${name}...}`), path),
    isOpen: security.length === 0,
    proxyHeader: Object.keys(security[0] ?? {})
      .map((name) => description.components?.securitySchemes?.[name])
      .find((scheme) => scheme?.type === 'apiKey')?.name,
    jsonTypes,
    isBodyRequired: requestBody?.required === true,
    largestBody: described['x-largest-body'],
    tellsMediaType: '415' in responses,
    isIdempotent: hasHeader(IDEMPOTENCY_KEY),
    heedsRevision: hasHeader(TILGANG_REVISION),
    tellsRevision: Object.values(responses).some(({ headers = {} }) => TILGANG_REVISION in headers),
    checkBody(sent) {
      const body = named === undefined ? sent : named(sent);
      if (validateBody !== undefined) check(validateBody(), body);
      return body;
    },
    checkQuery: queryCheck(
      queries,
      all.filter((one) => one.in === 'query'),
    ),
  };
}

/** Made when it is first needed: a gateway's start, and each command's, would wait for all of them. */
function atFirstUse<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A part of a description as a schema of its own, whose references lead into the description. */
function rooted(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components')) as object;
}

function queryCheck(queries: () => Ajv2020, parameters: readonly Parameter[]): Operation['checkQuery'] {
  const schema = (): object =>
    rooted({
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
      required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
    });
  const validate = atFirstUse(() => queries().compile(schema()));
  const saysNothing = parameters.every(({ required, schema }) => required !== true && !('default' in schema) && !('$ref' in schema));
  const empty = atFirstUse(() => {
    const values: Record<string, unknown> = {};
    if (saysNothing) return { values, isEnough: true };
    return { values, isEnough: validate()(values) };
  });
  return (sent) => {
    if (sent.querystring === '' && empty().isEnough) return empty().values;
    const values = queryValues(sent.querystring, parameters);
    check(validate(), values, parameterFault);
    return values;
  };
}

function resolved(description: Description, parameter: Parameter): Parameter {
  const name = parameter.$ref?.split('/').at(-1);
  const found = name === undefined ? parameter : description.components?.parameters?.[name];
  if (found === undefined) throw new TypeError(`the description has no parameter ${name}`);
  return found;
}

function check(validate: ValidateFunction, value: unknown, told: (fault: FieldFault) => FieldFault = (fault) => fault): void {
  if (!validate(value)) throw new ProblemError('invalid-request', { at: faultsInWords(validate.errors ?? []).map(told) });
}

/** A fault of a query, whose parameters are the fields of one object. */
function parameterFault({ pointer, detail }: FieldFault): FieldFault {
  return pointer === '' ? { pointer, detail: `the query ${detail}` } : { pointer: '', parameter: pointer.slice(1), detail };
}
