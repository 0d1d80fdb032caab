import { setImmediate } from 'node:timers/promises';
import { recordRefusal } from '#access';
import type { Rule } from '#decisions';
import type { Instant, Orgnr } from '#domain';
import { ProblemError } from '#problem';
import type { Asking } from '../administer/leave.js';
import { accessKey } from '../entities.js';
import type { Client, Scope, ScopeAccess, ScopeName } from '../nouns.js';
import { collectionsOf, type SideParts } from '../parts.js';
import { ownScopes } from '../registry/own-scopes.js';
import { TYPES } from './integration-types.js';

/** What policies/maskinporten/clients says of the scopes of a client. */
interface Verdict {
  readonly allowed: boolean;
  readonly faults: readonly { readonly index: number; readonly reason: string }[];
}

const EVALUATE: Rule<Verdict> = { entrypoint: 'maskinporten/clients/evaluate', isAnswer: isVerdict, isLogged: true };

/** Read and judged in one turn. */
const TOGETHER = 100;

const REASONS: Readonly<Record<string, string>> = {
  scope_unknown: 'is no scope that the organisation may have: check the name, and that its owner has granted it to the organisation',
  scope_inactive: 'is out of use: its owner has deactivated it',
  scope_of_other_type: 'does not take clients of this integration type',
  scope_administers: 'is one of this installation’s own, which are not registered by this way: it needs idporten:dcr.write',
  scope_not_granted: 'is not granted to the organisation: ask its owner',
};

/** What the scopes are to be registered for. */
export interface Registration {
  readonly action: string;
  readonly client: Pick<Client, 'orgnr' | 'integrationType' | 'scopes'> & { readonly supplier?: Orgnr | undefined };
  /** Those that it has already: they stay, whatever has become of them; no token has them for that. */
  readonly standing: readonly ScopeName[];
  readonly at: Instant;
}

/**
 * Asks the policy whether a client may have the scopes that are new to it; a refusal is recorded as an event of whoever tried.
 * @throws ProblemError `action-not-allowed` that names each of them
 */
export async function assertScopes(parts: SideParts, request: Asking, { action, client, standing, at }: Registration): Promise<void> {
  const { orgnr, supplier, integrationType, scopes } = client;
  const known = new Set<string>([...standing, ...(TYPES[integrationType]?.plain ?? [])]);
  const added = scopes.flatMap((name, place) => (known.has(name) ? [] : [{ name, place }]));
  // Whoever keeps a client for another one has the access to it.
  const holder = supplier ?? orgnr;
  const faults: { readonly place: number; readonly reason: string }[] = [];
  for (let from = 0; from < added.length; from += TOGETHER) {
    const some = added.slice(from, from + TOGETHER);
    const input = {
      organisation: holder,
      integrationType,
      simple: action === 'datasharing.create-client',
      scopes: await judgedScopes(
        parts,
        holder,
        some.map(({ name }) => name),
      ),
      context: { time: at },
    };
    const { answer } = await parts.judge.ask(EVALUATE, input, undefined, { requestedBy: holder });
    faults.push(...answer.faults.map(({ index, reason }) => ({ place: some[index]?.place ?? 0, reason })));
    await setImmediate();
  }
  if (faults.length === 0) return;
  const told = faults
    .slice(0, 50)
    .map(({ place, reason }) => ({ pointer: `/scopes/${place}`, detail: REASONS[reason] ?? 'may not be had' }));
  const reasons = [...new Set(faults.map(({ reason }) => reason))];
  const problem = new ProblemError('action-not-allowed', { at: told });
  throw await recordRefusal(parts, request, { action, orgnr, reasons, onBehalfOf: orgnr }, problem);
}

async function judgedScopes({ store, side }: SideParts, holder: Orgnr, names: readonly ScopeName[]): Promise<readonly object[]> {
  const { scopes, scopeAccesses } = collectionsOf(store);
  const { documents } = await store.read([
    ...names.map((key) => ({ collection: scopes, key })),
    ...names.map((name) => ({ collection: scopeAccesses, key: accessKey(holder, name) })),
  ]);
  const own = ownScopes(side);
  return names.map((name, i) => ({
    name,
    scope: toldScope(own.get(name) ?? (documents[i]?.value as Scope | undefined), own.has(name)),
    access: toldAccess(documents[names.length + i]?.value as ScopeAccess | undefined),
  }));
}

function toldScope(scope: Scope | undefined, ofProduct: boolean): object | null {
  if (scope === undefined) return null;
  const { owner, active, visibility, accessibleForAll, delegationSource, allowedIntegrationTypes } = scope;
  return { owner, active, visibility, accessibleForAll, delegationSource, allowedIntegrationTypes, ofProduct };
}

function toldAccess(access: ScopeAccess | undefined): object | null {
  return access === undefined ? null : { state: access.state, until: access.until };
}

function isVerdict(value: unknown): value is Verdict {
  const { allowed, faults } = (value ?? {}) as Partial<Verdict>;
  return (
    typeof allowed === 'boolean' &&
    Array.isArray(faults) &&
    faults.every((one) => Number.isInteger(one?.index) && typeof one?.reason === 'string') &&
    allowed === (faults.length === 0)
  );
}
