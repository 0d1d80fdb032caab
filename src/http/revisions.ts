import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import type { Context, Reply } from './state.js';

/** The header that a change answers, and that a request may carry. */
export const TILGANG_REVISION = 'Tilgang-Revision';

const FORM = /^[A-Za-z0-9_-]{38,200}$/;

/** How new the state is that a request is answered from. See revisions. */
export interface Revisions {
  /** Resolves when what is read from now on is as new as the request asks for; nothing to wait for if it does not. @throws ProblemError `invalid-request`, `store-unavailable` */
  reach(ctx: Context): Promise<void> | undefined;
  /** The handler, whose answers tell how new the state is that they have made. */
  telling<Exchange>(handler: (exchange: Exchange) => Promise<Reply> | Reply): (exchange: Exchange) => Promise<Reply>;
}

/** The positions of the store as callers see them: sealed, so that none can be made up and none tells how much others change. */
export function revisions({ store, vault }: { readonly store: Store; readonly vault: PersonVault }): Revisions {
  const positionOf = (header: string): string => {
    const position = FORM.test(header) ? vault.openToken(header, TILGANG_REVISION) : undefined;
    if (position !== undefined) return position;
    const detail = `must be what a change has answered in ${TILGANG_REVISION}, unaltered`;
    throw new ProblemError('invalid-request', { at: [{ pointer: '', parameter: TILGANG_REVISION, detail }] });
  };
  return {
    reach({ req }) {
      const header = req.headers['tilgang-revision'];
      return header === undefined ? undefined : store.reach(positionOf(String(header)));
    },
    telling: (handler) => async (exchange) => {
      const reply = await handler(exchange);
      return { ...reply, headers: { ...reply.headers, [TILGANG_REVISION]: vault.sealToken(await store.position(), TILGANG_REVISION) } };
    },
  };
}
