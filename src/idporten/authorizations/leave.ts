import { type AdminCaller, organisations, recordRefusal } from '#access';
import { isRuling, type Rule, type Ruling } from '#decisions';
import { type BrukerId, type Instant, type Orgnr, present, toInstant } from '#domain';
import { clientRef, isClientKey } from '#maskinporten';
import { ProblemError } from '#problem';
import type { ChangeFacts, Store } from '#storage';
import { isBlocked } from '../logins/block-person.js';
import type { IdportenParts } from '../parts.js';
import type { Authorization } from './authorization.js';
import { clientParties, ownersOf } from './authorization.js';

/**
 * Who sees or withdraws what was given: a machine, a person by a client of ours, a person who has logged in at a page of ours (citizen), or nobody.
 * The client of a person is told only of tokens of our own issuer: what another one calls its clients says nothing here.
 */
export type AuthorizationCaller =
  | Extract<AdminCaller, { readonly kind: 'machine' | 'anonymous' | 'operator' }>
  | (Omit<Extract<AdminCaller, { readonly kind: 'person' }>, 'clientId'> & { readonly clientId?: string })
  | { readonly kind: 'citizen'; readonly brukerId: BrukerId; readonly acr?: string };

/** A request about authorizations. */
export interface AuthorizationRequest {
  readonly caller: AuthorizationCaller;
  readonly requestId?: string;
}

/** Leave for an act. */
export interface AuthorizationLeave {
  readonly at: Instant;
  /** How events name who did it. */
  readonly actor: string;
  /** Whose clients and scopes it is about; of a citizen all. */
  readonly orgnr: Orgnr | undefined;
  facts(action: string): ChangeFacts;
}

const EVALUATE: Rule<Ruling> = { entrypoint: 'idporten/authorizations/evaluate', isAnswer: isRuling, isLogged: true };

/**
 * Asks the policy whether the caller may do it; a refusal is recorded as an event of whoever tried.
 * @param object the authorization that it is about, if there is one
 * @throws ProblemError of the refusal; `evaluation-failed`
 */
export async function leaveForAuthorizations(
  parts: IdportenParts,
  { caller, requestId }: AuthorizationRequest,
  action: string,
  object?: Authorization,
): Promise<AuthorizationLeave> {
  const at = toInstant(parts.clock());
  const organisation = await organisationOf(parts.store, caller);
  const isPerson = caller.kind === 'person' || caller.kind === 'citizen';
  const input = {
    caller,
    person: isPerson ? { blocked: await isBlocked(parts.store, caller.brukerId) } : undefined,
    action: { name: action },
    organisation,
    object: object === undefined ? undefined : { brukerId: object.brukerId, parties: [...clientParties(object), ...ownersOf(object)] },
    context: { time: at },
  };
  const known = asAdmin(caller);
  const actor = actorNamed(caller);
  const { answer } = await parts.judge.ask(EVALUATE, input, undefined, { requestedBy: actor });
  const orgnr = organisation?.orgnr;
  if (!answer.allowed) {
    const attempt = { action, orgnr: undefined, reasons: answer.reasons, onBehalfOf: orgnr };
    throw await recordRefusal(parts, { caller: known, ...present({ requestId }) }, attempt, refusalOf(answer.reasons, action));
  }
  return { at, actor, orgnr, facts: (name) => present({ action: name, at, actor, onBehalfOf: orgnr, requestId }) };
}

/** A machine's organisation, or whose the client is by which a person comes: as it stands now. */
async function organisationOf(
  store: Store,
  caller: AuthorizationCaller,
): Promise<{ readonly orgnr: Orgnr; readonly closed: boolean } | undefined> {
  const orgnr = caller.kind === 'machine' ? caller.consumer : caller.kind === 'person' ? await ownerOf(store, caller.clientId) : undefined;
  if (orgnr === undefined) return undefined;
  const reading = await store.read([]);
  const registered = await reading.registry(store.collection(organisations), orgnr);
  return { orgnr, closed: registered?.value.closed !== undefined };
}

async function ownerOf(store: Store, clientId: string | undefined): Promise<Orgnr | undefined> {
  if (clientId === undefined || !isClientKey(clientId)) return undefined;
  const {
    documents: [found],
  } = await store.read([clientRef(store, clientId)]);
  return found?.value.active === true ? found.value.orgnr : undefined;
}

function asAdmin(caller: AuthorizationCaller): AdminCaller {
  if (caller.kind === 'citizen') return { ...caller, kind: 'person', clientId: '', scopes: [] };
  return caller.kind === 'person' ? { ...caller, clientId: caller.clientId ?? '' } : caller;
}

function actorNamed(caller: AuthorizationCaller): string {
  if (caller.kind === 'person' || caller.kind === 'citizen') return caller.brukerId;
  return caller.kind === 'machine' ? (caller.supplier ?? caller.consumer) : caller.kind;
}

const DETAILS: Readonly<Record<string, string>> = {
  supplier_unfit:
    'The token names a supplier: an organisation sees to what persons have given it itself. Call with a token of its own client.',
  person_needed:
    'Only a person who is logged in may ask so: call with a token of ID-porten, or as a machine by POST with the person number in the body.',
  machine_needed: 'Only a machine may ask so: call with a token of Maskinporten, or as a person by GET.',
  organisation_unknown: 'The client that the token was issued to is none that is registered here and in use.',
  person_blocked: 'The person is blocked here.',
  organisation_closed: 'The organisation has ceased.',
};

function refusalOf([reason = '']: readonly string[], action: string): ProblemError {
  switch (reason) {
    case 'caller_unknown':
      return new ProblemError('token-missing');
    case 'security_level_too_low':
      return new ProblemError('security-level-too-low', { acrValues: 'idporten-loa-substantial' });
    case 'scope_missing':
      return new ProblemError('scope-missing', { scope: action === 'login.list' ? 'idporten:user.log.read' : 'idporten:authorizations' });
    case 'object_unknown':
      return new ProblemError('not-found', { detail: 'There is no such authorization for the caller: list what there is.' });
    default:
      return new ProblemError('action-not-allowed', present({ detail: DETAILS[reason] }));
  }
}
