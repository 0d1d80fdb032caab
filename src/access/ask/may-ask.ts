import { type Asker, isRuling, type Judge, type Rule, type Ruling } from '#decisions';
import type { Application, Orgnr } from '#domain';

/** What the policy is told of whoever asks. */
export type AccessCaller =
  | {
      readonly kind: 'machine';
      readonly consumer: Orgnr;
      readonly supplier?: Orgnr;
      readonly clientId: string;
      readonly scopes: readonly string[];
    }
  | {
      readonly kind: 'person';
      readonly clientId: string;
      readonly scopes: readonly string[];
      /** Level of the log-in, such as `idporten-loa-high`. */
      readonly acr?: string;
    };

/** Whether a caller may ask about an application; if not, why, as slugs of the policy, the most telling first. */
export interface Permission extends Ruling {
  /** Of a no that was judged for a caller: what the decision log calls it. */
  readonly decisionId?: string;
}

const MAY_ASK: Rule<Ruling> = { entrypoint: 'tilgang/access/may_ask', isAnswer: isRuling, isLogged: true };
const ALLOWED: Permission = Object.freeze({ allowed: true, reasons: Object.freeze([]) });

/** Who has been allowed, by bundle, application and caller: each of them stays the same object for as long as it stays as it is. */
const allowed = new WeakMap<object, WeakMap<Application, WeakSet<AccessCaller>>>();

/**
 * May this caller ask about this application? Neither a person nor the time is part of the question, so that a yes can be remembered: a policy is
 * a pure function of its input. A no is judged anew each time, whatever there is to be found.
 * @param application absent: it is not registered, or what was sent is no App-ID
 * @param asker `nobody` if it is only thought that this one asked
 * @throws ProblemError `evaluation-failed`
 */
export async function mayAsk(
  judge: Judge,
  caller: AccessCaller,
  application: Application | undefined,
  asker: Asker = { requestedBy: requestedBy(caller) },
): Promise<Permission> {
  if (application !== undefined && allowed.get(judge.bundle)?.get(application)?.has(caller) === true) return ALLOWED;
  const input = { caller, application: application === undefined ? undefined : judgedPart(application) };
  const asked = judge.ask(MAY_ASK, input, undefined, asker);
  const { answer, id } = asked instanceof Promise ? await asked : asked;
  if (!answer.allowed) return { ...answer, decisionId: id };
  if (application !== undefined) remember(judge, application, caller);
  return answer;
}

/** Who asks, as the decision log has it: the organisation whose machine it is. */
export function requestedBy(caller: AccessCaller): Orgnr | undefined {
  return caller.kind === 'machine' ? caller.consumer : undefined;
}

/** What the policy reads of an application: the rest is for people. */
function judgedPart({ id, tilbyder, clients }: Application): object {
  return { id, tilbyder, clients };
}

function remember({ bundle }: Judge, application: Application, caller: AccessCaller): void {
  let applications = allowed.get(bundle);
  if (applications === undefined) {
    applications = new WeakMap();
    allowed.set(bundle, applications);
  }
  const callers = applications.get(application);
  if (callers === undefined) applications.set(application, new WeakSet([caller]));
  else callers.add(caller);
}
