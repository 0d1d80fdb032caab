import { type DecisionEvent, GAP_PATH } from '#decisions';
import type { AppId, BrukerId, Orgnr } from '#domain';

/** Which decisions are sought; all that is there must fit. */
export interface Sought {
  readonly appId?: AppId;
  readonly konsument?: Orgnr;
  readonly brukerId?: BrukerId;
  readonly outcome?: 'yes' | 'no' | 'failed' | 'gap';
}

/** What a decision came to; `-`: its answer has been masked, or is neither a yes nor a no. */
export function outcomeOf({ path, error, result }: DecisionEvent): 'yes' | 'no' | 'failed' | 'gap' | '-' {
  if (path === GAP_PATH) return 'gap';
  if (error !== undefined) return 'failed';
  const allowed = Array.isArray(result)
    ? result.length > 0
    : ((result as { readonly allowed?: unknown } | null | undefined)?.allowed ?? result);
  return typeof allowed === 'boolean' ? (allowed ? 'yes' : 'no') : '-';
}

/** Why it was a no, as slugs of the policy. */
export function reasonsIn({ result }: DecisionEvent): readonly string[] {
  const { reasons } = (result ?? {}) as { readonly reasons?: unknown };
  return Array.isArray(reasons) ? reasons.filter((one) => typeof one === 'string') : [];
}

interface Told {
  readonly application?: { readonly id?: unknown };
  readonly subject?: { readonly id?: unknown };
  readonly resource?: { readonly id?: unknown };
  readonly organisation?: { readonly orgnr?: unknown };
  readonly administrator?: { readonly subject?: unknown };
  readonly grants?: readonly { readonly konsument?: unknown; readonly subject?: unknown }[];
}

/** Whether a decision is among those that are sought. Of what a mask has taken away nothing can be told. */
export function isAbout(event: DecisionEvent, { appId, konsument, brukerId, outcome }: Sought): boolean {
  if (outcome !== undefined && outcomeOf(event) !== outcome) return false;
  const { application, subject, resource, organisation, administrator, grants: told } = (event.input ?? {}) as Told;
  const grants = Array.isArray(told) ? (told as NonNullable<Told['grants']>) : [];
  if (appId !== undefined && application?.id !== appId) return false;
  const persons = [subject?.id, administrator?.subject, ...grants.map((grant) => grant?.subject)];
  if (brukerId !== undefined && !persons.includes(brukerId)) return false;
  const organisations = [resource?.id, organisation?.orgnr, ...grants.map((grant) => grant?.konsument)];
  return konsument === undefined || organisations.includes(konsument);
}
