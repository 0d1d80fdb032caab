import { present } from '#domain';
import {
  changeScope,
  createScope,
  deactivateScope,
  listAllPrefixes,
  listPrefixes,
  listPublicScopes,
  listScopes,
  lookUpOrganisation,
  namesOf,
  type PrefixView,
  readScope,
  readTerms,
  type ScopeView,
  type Side,
  type SideParts,
  signTerms,
} from '#maskinporten';
import { pageOut, rangeOf } from '../../linked-pages.js';
import { ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { type Ask, answer, askingOf, type Handlers, numberOf, type Query } from './exchange.js';
import { prefixOut, scopeOut, scopeTermsIn, termsOut, type Wire } from './wire.js';

/** Scopes. */
export function scopeHandlers(side: Side): Handlers {
  return {
    async listPublicScopes(ask: Ask<undefined, Query<'listPublicScopes'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const {
        prefix,
        inactive,
        delegated_sources: sources,
        accessible_for_all: accessibleForAll,
        integration_type: integrationType,
      } = ask.query;
      const filter = present({ prefix, inactive, delegationSources: sources?.split(','), accessibleForAll, integrationType });
      const { items, next } = await listPublicScopes(parts, asking, filter, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await scopesOut(parts, items));
    },
    async listScopes(ask: Ask<undefined, Query<'listScopes'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listScopes(parts, asking, ask.query.inactive === true, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await scopesOut(parts, items));
    },
    async readScope(ask: Ask<undefined, Query<'readScope'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      return one(parts, await readScope(parts, asking, ask.query.scope));
    },
    async createScope(ask: Ask<Wire<'NewScope'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      const { prefix, subscope } = ask.body;
      return one(parts, await createScope(parts, asking, { ...scopeTermsIn(ask.body), prefix, subscope }));
    },
    async changeScope(ask: Ask<Wire<'ChangedScope'>, Query<'changeScope'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      return one(parts, await changeScope(parts, asking, ask.query.scope, scopeTermsIn(ask.body), ifMatchSent(ask.ctx)));
    },
    async deactivateScope(ask: Ask<undefined, Query<'deactivateScope'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      return one(parts, await deactivateScope(parts, asking, ask.query.scope, ifMatchSent(ask.ctx)));
    },
  };
}

async function scopesOut(parts: SideParts, views: readonly ScopeView[]): Promise<Wire<'Scope'>[]> {
  const names = await namesOf(
    parts,
    views.map(({ value }) => value.owner),
  );
  return views.map((view) => scopeOut(view, names, parts.side));
}

async function one(parts: SideParts, view: ScopeView): Promise<Reply> {
  const [body] = await scopesOut(parts, [view]);
  return answer(body as object, view.revision);
}

/** What stands around scopes: their prefixes, organisations, the terms of use. */
export function surroundingHandlers(side: Side): Handlers {
  return {
    async listPrefixes(ask: Ask<undefined, Query<'listPrefixes'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listPrefixes(parts, asking, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await prefixesOut(parts, items));
    },
    async listAllPrefixes(ask: Ask<undefined, Query<'listAllPrefixes'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listAllPrefixes(parts, asking, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await prefixesOut(parts, items));
    },
    async lookUpOrganisation(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      const { orgnr, name } = await lookUpOrganisation(parts, asking, numberOf(ask.params['orgnr']));
      return answer({ orgnr, name } satisfies Wire<'Organisation'>);
    },
    async readTerms(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return answer(termsOut(await readTerms(parts, asking)));
    },
    async signTerms(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return answer(termsOut(await signTerms(parts, asking)));
    },
  };
}

async function prefixesOut(parts: SideParts, views: readonly PrefixView[]): Promise<Wire<'Prefix'>[]> {
  const names = await namesOf(
    parts,
    views.map(({ value }) => value.owner),
  );
  return views.map((view) => prefixOut(view, names));
}
