import {
  type Application,
  type BrukerId,
  type GrantDocument,
  type Instant,
  type Orgnr,
  parseBrukerId,
  parseOrgnr,
  present,
  type SecurityLevel,
  type Withdrawal,
} from '#domain';
import type { AccessQuestion, JudgedGrant } from '../ask/access-input.js';
import { byKonsument } from '../ask/load-decision.js';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';

/** In which circumstances the persons of grants are asked about. */
export interface Circumstances {
  readonly at: Instant;
  /** Of the log-in; `undefined` is one of which nobody told. */
  readonly levels: readonly (SecurityLevel | undefined)[];
}

/** Makes questions of grant documents, with what is known of their konsumenter now. */
export class GrantQuestions {
  readonly #parts: AccessParts;
  readonly #application: Application;
  readonly #circumstances: Circumstances;
  readonly #konsumenter = new Map<Orgnr, Pick<JudgedGrant, 'activated' | 'mayBeKonsument'>>();

  constructor(parts: AccessParts, application: Application, circumstances: Circumstances) {
    this.#parts = parts;
    this.#application = application;
    this.#circumstances = circumstances;
  }

  /** The questions about each person and role: one for every circumstance. */
  async of(documents: readonly GrantDocument[]): Promise<readonly (readonly AccessQuestion[])[]> {
    await this.#learn(documents);
    const { at: time, levels } = this.#circumstances;
    const application = this.#application;
    return documents.flatMap(({ brukerId: subject, grants }) => {
      if (grants.length === 0) return [];
      const judged = byKonsument(grants).map((grant) => {
        const { activated, mayBeKonsument } = this.#of(grant.konsument);
        return { grant, activated, mayBeKonsument };
      });
      return application.roles.map((role) =>
        levels.map((securityLevel) => ({ subject, application, role, grants: judged, time, securityLevel })),
      );
    });
  }

  #of(konsument: Orgnr): Pick<JudgedGrant, 'activated' | 'mayBeKonsument'> {
    return this.#konsumenter.get(konsument) ?? { activated: false, mayBeKonsument: false };
  }

  async #learn(documents: readonly GrantDocument[]): Promise<void> {
    const named = new Set(documents.flatMap(({ grants }) => grants.map(({ konsument }) => konsument)));
    const unknown = [...named].filter((orgnr) => !this.#konsumenter.has(orgnr));
    if (unknown.length === 0) return;
    const { organisations, activations } = collectionsOf(this.#parts.store);
    const [known, states] = await Promise.all([
      organisations.getMany(unknown),
      activations.getMany(unknown.map((orgnr) => activationKey(this.#application.id, orgnr))),
    ]);
    for (const [i, orgnr] of unknown.entries()) {
      this.#konsumenter.set(orgnr, {
        mayBeKonsument: known[i]?.value.mayBeKonsument ?? false,
        activated: states[i]?.value.active ?? false,
      });
    }
  }
}

/**
 * The question that the input of a logged decision asks about the application.
 * @returns `undefined` if it asks about another one, or is not whole: a mask may have taken something away
 */
export function questionOf(input: unknown, application: Application): AccessQuestion | undefined {
  const { subject, application: asked, action, grants, context } = fieldsOf(input);
  if (fieldsOf(asked)['id'] !== application.id) return undefined;
  const brukerId = fieldsOf(subject)['id'];
  const { time, securityLevel } = fieldsOf(context);
  const role = fieldsOf(action)['name'];
  if (typeof brukerId !== 'string' || typeof parseBrukerId(brukerId) !== 'string') return undefined;
  if (typeof role !== 'string' || typeof time !== 'string' || !/^[0-9T:.Z-]{24}$/.test(time) || !Array.isArray(grants)) return undefined;
  const judged = grants.map(judgedGrantOf);
  if (judged.some((one) => one === undefined)) return undefined;
  const level = ['low', 'substantial', 'high'].includes(securityLevel as string) ? (securityLevel as SecurityLevel) : undefined;
  return {
    subject: brukerId as BrukerId,
    application,
    role,
    grants: judged as readonly JudgedGrant[],
    time: time as Instant,
    securityLevel: level,
  };
}

function judgedGrantOf(value: unknown): JudgedGrant | undefined {
  const { konsument, roles, activated, mayBeKonsument, from, until, withdrawn } = fieldsOf(value);
  if (typeof konsument !== 'string' || typeof parseOrgnr(konsument) !== 'string' || !Array.isArray(roles)) return undefined;
  const grant = present({
    konsument: konsument as Orgnr,
    roles: roles as readonly string[],
    from: from as Instant | undefined,
    until: until as Instant | undefined,
    withdrawn: withdrawn as Withdrawal | undefined,
  });
  return {
    grant,
    activated: activated === true,
    mayBeKonsument: mayBeKonsument === true,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
