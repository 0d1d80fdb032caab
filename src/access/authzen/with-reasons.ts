import { isFault, type LocalizedText, type Organisation, parseKommunenummer, parseOrgnr } from '#domain';
import { reasonsOf } from '../ask/explain-answer.js';
import type { ExplainedReason } from '../ask/reason-texts.js';
import type { SearchAnswer } from '../ask/search-organisations.js';
import { collectionsOf } from '../parts.js';
import type { Named } from './asked.js';
import { type Asking, isNamed, type Telling } from './asking.js';
import type { Outcome, Properties } from './nouns.js';

interface Asked {
  readonly named: Named;
  /** Those of them that were found. */
  readonly found: readonly Organisation[];
  readonly telling: Telling;
}

/**
 * The outcome with what its caller may hear of why: `reasons`, slugs in alphabetical order, and where sentences are wanted `reason_user`, by language
 * (AuthZEN 1.0 §5.5).
 * @throws ProblemError `evaluation-failed`, `store-unavailable`
 */
export async function withReasons(
  asking: Asking,
  answer: SearchAnswer,
  outcome: Outcome,
  { named, found, telling }: Asked,
): Promise<Outcome> {
  const { parts, caller } = asking;
  const { decision } = outcome;
  const konsument = decision ? found[0] : await konsumentOf(asking, answer, named);
  const told = await reasonsOf(parts, caller, answer, { decision, konsument });
  return { decision, context: toldReasons(told, telling) };
}

/** Reasons as the context of an outcome has them (AuthZEN 1.0 §5.5). */
export function toldReasons(told: readonly ExplainedReason[], { language }: Telling): Properties {
  const reasons = told.map(({ slug }) => slug);
  if (language === undefined) return { reasons };
  const texts = told.flatMap(({ text }) => text ?? []);
  return { reasons, reason_user: byLanguage(texts, language) };
}

/** The sentences, in the language that is wanted as far as they have it; all of them in one text, so that they stand under one language. */
function byLanguage(texts: readonly LocalizedText[], wanted: keyof LocalizedText): Readonly<Record<string, string>> {
  const language = texts.every((text) => text[wanted] !== undefined) ? wanted : 'nb';
  return texts.length === 0 ? {} : { [language]: texts.map((text) => text[language]).join(' ') };
}

/** The organisation that is named, where the caller may ask; undefined if there is none, or it has not all that is told of it. */
async function konsumentOf({ parts }: Asking, { judged }: SearchAnswer, named: Named): Promise<Organisation | 'any' | undefined> {
  if (Object.keys(named).length === 0) return 'any';
  if (judged === undefined) return undefined;
  const { orgnr, kommune } = named;
  const among = judged.question.grants.flatMap(({ organisation }) => organisation ?? []);
  const one = among.find((organisation) => isNamed(organisation, named)) ?? (await registered(parts, orgnr, kommune));
  return one !== undefined && isNamed(one, named) ? one : undefined;
}

async function registered(
  { store }: Asking['parts'],
  orgnr: string | undefined,
  kommune: string | undefined,
): Promise<Organisation | undefined> {
  const { organisations } = collectionsOf(store);
  if (orgnr !== undefined) {
    const key = parseOrgnr(orgnr);
    return isFault(key) ? undefined : (await organisations.get(key))?.value;
  }
  const equals = kommune === undefined ? undefined : parseKommunenummer(kommune);
  if (equals === undefined || isFault(equals)) return undefined;
  return (await organisations.query({ index: 'kommunenummer', equals, limit: 1 })).items[0]?.value;
}
