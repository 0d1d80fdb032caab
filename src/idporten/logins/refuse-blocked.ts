import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import type { Caller, TokenVerifier } from '#tokens';
import { isBlocked } from './block-person.js';

/** Whose tokens end with a person's blocking, and where that is kept. */
export interface BlockingIssuer {
  readonly issuer: string;
  readonly store: Store;
  readonly vault: PersonVault;
}

/**
 * A verifier by which tokens of our own ID-porten end when their person is blocked, not when they say: one read for each request of a person.
 * @throws ProblemError `token-invalid` beside what the verifier throws
 */
export function refusingBlocked(verifier: TokenVerifier, { issuer, store, vault }: BlockingIssuer): TokenVerifier {
  const unlessBlocked = (caller: Caller): Caller | Promise<Caller> => {
    if (caller.kind !== 'person' || caller.issuer !== issuer) return caller;
    return isBlocked(store, vault.nameOf(caller.pid)).then((isEnded) => {
      if (isEnded) throw new ProblemError('token-invalid', { reason: 'ended', detail: 'The token counts no more.' });
      return caller;
    });
  };
  return {
    failingIssuers: () => verifier.failingIssuers(),
    verify(token) {
      const found = verifier.verify(token);
      return found instanceof Promise ? found.then(unlessBlocked) : unlessBlocked(found);
    },
  };
}
