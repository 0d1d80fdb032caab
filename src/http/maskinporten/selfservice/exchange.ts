import type { AdminRequest } from '#access';
import { type Fault, isFault, type Orgnr, parseOrgnr, present } from '#domain';
import type { Asking, Side, SideParts } from '#maskinporten';
import { invalidParameter } from '#problem';
import type { AdminExchange } from '../../admin-api.js';
import type { DescribedApi } from '../../described-api.js';
import { etagOf } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import type { operations } from './wire.gen.js';

/** The handlers of a part of the API. */
export type Handlers = DescribedApi<AdminRequest>['handlers'];
/** A request as a handler takes it. */
export type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;
/** The query of an operation. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;

/** What the use cases work with, and who asks for which organisation. @throws ProblemError `invalid-request` if `orgno` is no organisation number */
export function askingOf(side: Side, { access, request, query }: Ask): { readonly parts: SideParts; readonly asking: Asking } {
  const { orgno } = query as { readonly orgno?: string };
  const orgnr = orgno === undefined ? undefined : numberIn('orgno', orgno);
  return { parts: { ...access, side }, asking: { ...request, ...present({ orgnr }) } };
}

/** The organisation number of a query parameter. @throws ProblemError `invalid-request` */
function numberIn(parameter: string, text: string): Orgnr {
  const orgnr = parseOrgnr(text);
  if (isFault(orgnr)) throw invalidParameter(parameter, orgnr.detail);
  return orgnr;
}

/** The organisation number of a path; what is none is told once it is known whether the caller may ask. */
export function numberOf(text: string | undefined): Orgnr | undefined {
  const orgnr: Orgnr | Fault | undefined = text === undefined ? undefined : parseOrgnr(text);
  return isFault(orgnr) ? undefined : orgnr;
}

/** An answer with its revision as ETag. */
export function answer(body: object, revision?: number): Reply {
  return revision === undefined ? { status: 200, body } : { status: 200, headers: { ETag: etagOf(revision) }, body };
}
