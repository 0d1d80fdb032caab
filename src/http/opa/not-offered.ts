import { ProblemError } from '#problem';
import type { Api } from '../api.js';
import { problemForm } from './wire.js';

/** What OPA does and this service does for nobody, and why. */
const NOT_OFFERED: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^\/v1\/query$/, 'Queries of callers’ own are not run: ask a document by its path, /v1/data/<path>.'],
  [/^\/v1\/compile(\/|$)/, 'Rules are not evaluated in part: ask a document by its path, /v1/data/<path>.'],
  [/^\/v1\/policies(\/|$)/, 'Policies come in bundles; here they are neither shown nor changed.'],
  [/^\/v1\/config$/, 'The configuration is the operator’s, and is shown by `serve --print-config`.'],
  [/^\/(v1\/data$|v0(\/|$))/, 'Documents are asked one by one, by their path: /v1/data/<path>.'],
];

/** Tells clients of OPA why they get nowhere; asked after the API of what there is. */
export const notOfferedApi: Api = {
  mounts: [''],
  handler(ctx, next) {
    const reason = NOT_OFFERED.find(([path]) => path.test(ctx.path))?.[1];
    if (reason === undefined) return next();
    ctx.state.problemForm = problemForm;
    throw new ProblemError('not-offered', { detail: reason });
  },
};
