import { type AccessCaller, type AccessParts, Asking, asRefusal, MayNotAsk } from '#access';
import { refusalOf } from './tilgang/wire.js';

/** Has questions of one request answered; who may ask nothing of the kind is told so as by the Tilgang API. @throws ProblemError, and what the work throws */
export async function answered<T>(access: AccessParts, caller: AccessCaller, work: (asking: Asking) => Promise<T>): Promise<T> {
  try {
    return await work(new Asking(access, caller));
  } catch (error) {
    throw error instanceof MayNotAsk ? asRefusal(refusalOf(error.reasons)) : error;
  }
}
