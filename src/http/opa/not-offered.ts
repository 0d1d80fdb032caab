import { ProblemError } from '#problem';

/** What OPA does and this service does for nobody, and why. */
const NOT_OFFERED: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^\/v1\/query$/, 'Queries of callers’ own are not run: ask a document by its path, /v1/data/<path>.'],
  [/^\/v1\/compile(\/|$)/, 'Rules are not evaluated in part: ask a document by its path, /v1/data/<path>.'],
  [/^\/v1\/policies(\/|$)/, 'Policies come in bundles; here they are neither shown nor changed.'],
  [/^\/v1\/config$/, 'The configuration is the operator’s, and is shown by `serve --print-config`.'],
  [/^\/(v1\/data$|v0\/)/, 'Documents are asked one by one, by their path: /v1/data/<path>.'],
];

/** Whether a path is one of OPA's API: it has all that begins with its versions, the root, and its description. */
export function isOfOpa(path: string): boolean {
  return path === '/' || path === '/openapi.json' || path.startsWith('/v1/') || path.startsWith('/v0/');
}

/** Tells clients of OPA why they get nowhere. @throws ProblemError `not-offered`, `not-found` */
export function refuse(path: string): never {
  const reason = NOT_OFFERED.find(([known]) => known.test(path))?.[1];
  throw reason === undefined ? new ProblemError('not-found') : new ProblemError('not-offered', { detail: reason });
}
