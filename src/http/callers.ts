import type { AccessCaller, AccessParts, AdminCaller, AdminRequest } from '#access';
import type { Caller } from '#tokens';
import type { RequestState } from './state.js';

type Of<Who> = Extract<Who, { readonly kind: 'machine' }>;

/** What the policy needs of the caller: a person's own number is not part of it. */
export function accessCaller(caller: Caller): AccessCaller {
  const { clientId, scopes } = caller;
  return caller.kind === 'person' ? { kind: 'person', clientId, scopes } : machineCaller(caller);
}

/** Who asks to administer: a person by name, and nobody without a token. */
export function adminRequest({ caller, requestId }: RequestState, { vault }: AccessParts): AdminRequest {
  if (caller === undefined) return { caller: { kind: 'anonymous' }, requestId };
  if (caller.kind === 'machine') return { caller: machineCaller(caller), requestId };
  const { pid, acr, clientId, scopes } = caller;
  return { caller: { kind: 'person', brukerId: vault.nameOf(pid), clientId, scopes, ...(acr === undefined ? {} : { acr }) }, requestId };
}

function machineCaller({ consumer, supplier, clientId, scopes }: Of<Caller>): Of<AccessCaller> {
  return { kind: 'machine', consumer, clientId, scopes, ...(supplier === undefined ? {} : { supplier }) };
}

/** One name for all tokens of the same person or client. */
export function callerName(caller: AdminCaller): string {
  if (caller.kind === 'anonymous' || caller.kind === 'operator') return caller.kind;
  return caller.kind === 'person' ? caller.brukerId : `${caller.consumer} ${caller.supplier ?? ''} ${caller.clientId}`;
}
