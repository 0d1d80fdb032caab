import type { ExplainedDecision, WhyAnswer, WhyQuestion } from '#access';
import { parseRole, present } from '#domain';
import { acceptedLanguage, type Language } from './languages.js';
import type { Context, Reply } from './state.js';
import { levelIn, levelOut, personNumber, sound } from './wire-parts.js';

/** What is sent to have a decision explained. */
export interface ExplainedQuery {
  readonly brukerIdent: string;
  readonly rolle?: string;
  readonly sikkerhetsniva?: Parameters<typeof levelIn>[0];
}

/** What is asked. @throws ProblemError `invalid-request` */
export function whyQuestion({ brukerIdent, rolle, sikkerhetsniva }: ExplainedQuery): WhyQuestion {
  const role = rolle === undefined ? undefined : sound('/rolle', parseRole(rolle));
  return present({ person: personNumber(brukerIdent), role, securityLevel: levelIn(sikkerhetsniva) });
}

/** The answer, in the language of `sprak`, else the one of nb, nn and en that Accept-Language prefers, else nb. */
export function explained(
  ctx: Context,
  sprak: Language | undefined,
  { application, role, securityLevel, time, decisions }: WhyAnswer,
): Reply {
  const language = sprak ?? acceptedLanguage(ctx) ?? 'nb';
  const body = present({
    appId: application.id,
    rolle: role,
    sikkerhetsniva: levelOut(securityLevel),
    tidspunkt: time,
    avgjorelser: decisions.map((one) => decisionOut(one, language)),
  });
  return { status: 200, headers: { 'Content-Language': language, Vary: 'Accept-Language' }, body };
}

function decisionOut({ konsument, allowed, reasons, decidedBy, grantRevision }: ExplainedDecision, language: Language) {
  return present({
    orgnr: konsument.orgnr,
    navn: konsument.name,
    tillatt: allowed,
    grunner: reasons.map(({ slug, text }) => present({ kode: slug, tekst: text?.[language] ?? text?.nb })),
    regler: decidedBy.map(({ source, entrypoint, revision }) => ({
      kilde: source === 'own' ? 'egen' : 'standard',
      inngang: entrypoint,
      revisjon: revision,
    })),
    tilgangsrevisjon: grantRevision,
  });
}
