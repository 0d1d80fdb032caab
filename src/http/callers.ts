import type { AccessCaller, AccessParts, AdminCaller, AdminRequest } from '#access';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { Caller } from '#tokens';

type Of<Who, Kind extends string = 'machine'> = Extract<Who, { readonly kind: Kind }>;
type PersonCaller = Of<Caller, 'person'>;

/** Who asks about access, and one name for all requests of the same person or client. */
export interface NamedCaller {
  readonly request: AccessCaller;
  readonly who: string;
}

const named = new WeakMap<Caller, NamedCaller>();

/** What the policy needs of the caller: a person's own number is not part of it. The same for all requests with one token. @throws ProblemError `token-missing` */
export function accessCaller(caller: Caller | undefined, { vault }: Pick<AccessParts, 'vault'>): NamedCaller {
  if (caller === undefined) throw new ProblemError('token-missing');
  let known = named.get(caller);
  if (known === undefined) {
    const request: AccessCaller = Object.freeze(caller.kind === 'person' ? personCaller(caller) : machineCaller(caller));
    known = { request, who: request.kind === 'machine' ? callerName(request) : vault.nameOf((caller as PersonCaller).pid) };
    named.set(caller, known);
  }
  return known;
}

/** Who asks to administer: a person by name, and nobody without a token. */
export function adminRequest(caller: Caller | undefined, requestId: string, { vault }: Pick<AccessParts, 'vault'>): AdminRequest {
  if (caller === undefined) return { caller: { kind: 'anonymous' }, requestId };
  if (caller.kind === 'machine') return { caller: machineCaller(caller), requestId };
  const { pid, acr, clientId, scopes } = caller;
  return { caller: { kind: 'person', brukerId: vault.nameOf(pid), clientId, scopes, ...present({ acr }) }, requestId };
}

function personCaller({ clientId, scopes, acr }: PersonCaller): Of<AccessCaller, 'person'> {
  return { kind: 'person', clientId, scopes, ...present({ acr }) };
}

function machineCaller({ consumer, supplier, clientId, scopes }: Of<Caller>): Of<AccessCaller> {
  return { kind: 'machine', consumer, clientId, scopes, ...present({ supplier }) };
}

/** One name for all tokens of the same person or client. */
export function callerName(caller: AdminCaller): string {
  if (caller.kind === 'anonymous' || caller.kind === 'operator') return caller.kind;
  return caller.kind === 'person' ? caller.brukerId : `${caller.consumer} ${caller.supplier ?? ''} ${caller.clientId}`;
}
