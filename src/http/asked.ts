import { type AccessCaller, type AccessParts, Asking, asRefusal, MayNotAsk } from '#access';
import { acceptedLanguage } from './languages.js';
import type { Context } from './state.js';
import { refusalOf } from './tilgang/wire.js';

interface Asked {
  readonly ctx: Context;
  readonly access: AccessParts;
}

/**
 * Has questions of one request answered, with reasons for whoever may hear them, and sentences if Accept-Language names a language; who may ask nothing of
 * the kind is told so as by the Tilgang API. @throws ProblemError, and what the work throws
 */
export async function answered<T>({ ctx, access }: Asked, caller: AccessCaller, work: (asking: Asking) => Promise<T>): Promise<T> {
  try {
    return await work(new Asking(access, caller, { language: acceptedLanguage(ctx) }));
  } catch (error) {
    throw error instanceof MayNotAsk ? asRefusal(refusalOf(error.reasons)) : error;
  }
}
