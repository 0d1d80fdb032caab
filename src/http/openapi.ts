import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { parse as parseYaml } from 'yaml';
import { type FieldFault, ProblemError } from '#problem';

/** An API's description: served as it is, and what its requests are checked by. */
export interface OpenApi {
  /** The description as JSON text. */
  readonly json: string;
  /** The path below the origin that the API lives at (`servers[0].url`). */
  readonly base: string;
  /**
   * The check of an operation's JSON body: answers the body, typed.
   * @throws ProblemError `invalid-request` with a pointer for each fault
   */
  bodyCheck<T>(operationId: string): (body: unknown) => T;
}

interface Description {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, { readonly operationId?: string; readonly requestBody?: unknown }>>;
}

/** Reads the `openapi.yaml` beside a compiled file. @param here that file's `import.meta.url` */
export function readOpenApi(here: string): OpenApi {
  const description = parseYaml(readFileSync(new URL('openapi.yaml', here), 'utf8')) as Description;
  // Formats describe answers here; what a request may be is checked by the domain's parsers.
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  ajv.addSchema(description, 'openapi');
  return {
    json: JSON.stringify(description),
    base: description.servers[0]?.url ?? '',
    bodyCheck<T>(operationId: string) {
      const validate = ajv.compile({ $ref: `openapi#${bodyPointer(description, operationId)}` });
      return (body: unknown): T => {
        if (!validate(body)) throw new ProblemError('invalid-request', { at: (validate.errors ?? []).slice(0, 20).map(fieldFault) });
        return body as T;
      };
    },
  };
}

function bodyPointer({ paths }: Description, operationId: string): string {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation?.operationId !== operationId) continue;
      const steps = ['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'];
      return steps.map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
    }
  }
  throw new TypeError(`no operation ${operationId} with a body`);
}

function fieldFault({ instancePath, keyword, params, message }: ErrorObject): FieldFault {
  if (keyword === 'required') return { pointer: `${instancePath}/${params['missingProperty']}`, detail: 'is missing' };
  return { pointer: instancePath, detail: message ?? 'is not as described' };
}
