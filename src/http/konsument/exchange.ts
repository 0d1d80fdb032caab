import { present } from '#domain';
import type { AdminExchange } from '../admin-api.js';
import { etagOf } from '../preconditions.js';
import type { Reply } from '../state.js';
import type { operations } from './wire.gen.js';

/** The query of an operation. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;

/** What a handler is asked. */
export type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;

/** A body that says why something is done. */
export interface Reasoned {
  readonly begrunnelse?: string;
}

/** 200 with a body. @param revision its ETag, if it has one */
export function answer(body: object, revision?: number): Reply {
  return { status: 200, body, ...present({ headers: revision === undefined ? undefined : { ETag: etagOf(revision) } }) };
}
