import { present } from '#domain';
import { type Client, namesOf, ownScopes, type Scope, scopeRef } from '#maskinporten';
import type { AuthorizationParts, LastingScope } from './judge-scopes.js';

/** What a person is asked for, in words. */
export interface DescribedAsk {
  /** Of whose client it is, if it is registered here. */
  readonly organisation?: string;
  readonly scopes: readonly (LastingScope & { readonly described?: Scope; readonly owner?: string })[];
}

/** The words of what a client asks a person for: of the organisations and of the scopes, as they are now; one read. */
export async function describeAsk(
  { store, side }: Pick<AuthorizationParts, 'store' | 'side'>,
  client: Pick<Client, 'orgnr'>,
  ask: readonly LastingScope[],
): Promise<DescribedAsk> {
  const own = ownScopes(side) as ReadonlyMap<string, Scope>;
  const { documents } = await store.read(ask.map(({ scope }) => scopeRef(store, scope)));
  const described = ask.map(({ scope }, at) => own.get(scope) ?? documents[at]?.value);
  const names = await namesOf({ store }, [client.orgnr, ...described.map((scope) => scope?.owner)]);
  const nameOf = (scope: Scope | undefined): string | undefined => (scope?.owner === undefined ? undefined : names.get(scope.owner));
  const scopes = ask.map((one, at) => present({ ...one, described: described[at], owner: nameOf(described[at]) }));
  return present({ organisation: names.get(client.orgnr), scopes });
}
