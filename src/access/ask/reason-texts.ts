import { isFault, type LocalizedText, parseFreeText, present } from '#domain';

/** A reason and what it means to people; without a text the slug is all there is. */
export interface ExplainedReason {
  readonly slug: string;
  readonly text?: LocalizedText;
}

/** What the standard rules say, for people. */
const STANDARD: ReadonlyMap<string, Required<LocalizedText>> = new Map(
  Object.entries({
    granted: {
      nb: 'Tilgangen er gitt, og gjelder nå.',
      nn: 'Tilgangen er gjeven, og gjeld no.',
      en: 'Access is given, and in force.',
    },
    application_not_active: {
      nb: 'Applikasjonen er ikke i bruk.',
      nn: 'Applikasjonen er ikkje i bruk.',
      en: 'The application is not in use.',
    },
    application_not_activated: {
      nb: 'Organisasjonen har ikke slått på applikasjonen.',
      nn: 'Organisasjonen har ikkje slått på applikasjonen.',
      en: 'The organisation has not switched the application on.',
    },
    grant_missing: {
      nb: 'Personen har ingen tilgang fra organisasjonen.',
      nn: 'Personen har ingen tilgang frå organisasjonen.',
      en: 'The person has no access from the organisation.',
    },
    grant_expired: { nb: 'Tilgangen er utløpt.', nn: 'Tilgangen har gått ut.', en: 'The access has expired.' },
    grant_not_yet_valid: {
      nb: 'Tilgangen gjelder ikke ennå.',
      nn: 'Tilgangen gjeld ikkje enno.',
      en: 'The access does not apply yet.',
    },
    grant_withdrawn: {
      nb: 'Tilgangen er trukket tilbake.',
      nn: 'Tilgangen er trekt tilbake.',
      en: 'The access has been withdrawn.',
    },
    organisation_not_konsument: {
      nb: 'Organisasjonen kan ikke være konsument.',
      nn: 'Organisasjonen kan ikkje vere konsument.',
      en: 'The organisation may not be konsument.',
    },
    role_missing: {
      nb: 'Tilgangen gir ikke denne rollen, eller applikasjonen kjenner den ikke.',
      nn: 'Tilgangen gir ikkje denne rolla, eller applikasjonen kjenner ho ikkje.',
      en: 'The access does not give this role, or the application does not know it.',
    },
    application_unknown: {
      nb: 'Organisasjonen som spør har ingen slik applikasjon.',
      nn: 'Organisasjonen som spør har ingen slik applikasjon.',
      en: 'The organisation that asks has no such application.',
    },
    client_not_allowed: {
      nb: 'Klienten som spør er ikke blant dem som kan spørre for applikasjonen.',
      nn: 'Klienten som spør er ikkje blant dei som kan spørje for applikasjonen.',
      en: 'The client that asks is not among those that may ask for the application.',
    },
    kind_unknown: {
      nb: 'Ingen avgjør spørsmål om slike subjekter og ressurser her.',
      nn: 'Ingen avgjer spørsmål om slike subjekt og ressursar her.',
      en: 'Nobody here judges what such a subject may do to such a resource.',
    },
    own_rule: {
      nb: 'Applikasjonens egne regler sier nei.',
      nn: 'Applikasjonen sine eigne reglar seier nei.',
      en: "The application's own rules say no.",
    },
  }),
);

/** What reasons mean to people, by slug. */
export type ReasonTexts = ReadonlyMap<string, LocalizedText>;

/** The text of a reason in every language that it has; `undefined` if nobody has written one. @param own of the bundle that gave it */
export function reasonText(slug: string, own: ReasonTexts | undefined): LocalizedText | undefined {
  return own?.get(slug) ?? STANDARD.get(slug);
}

const LONGEST = 300;

/**
 * The texts that a bundle brings for its own reasons: `metadata.tilgang.reasons` of its manifest, such as
 * `{"outside_office_hours": {"nb": "Utenfor kontortid.", "en": "Outside office hours."}}`. What is no such text is left out.
 */
export function textsOfBundle(metadata: Readonly<Record<string, unknown>>): ReasonTexts {
  const { reasons } = (metadata['tilgang'] ?? {}) as { reasons?: unknown };
  return new Map(Object.entries(isObject(reasons) ? reasons : {}).flatMap(([slug, written]) => read(slug, written)));
}

function read(slug: string, written: unknown): [string, LocalizedText][] {
  if (!isObject(written)) return [];
  const { nb, nn, en } = Object.fromEntries(Object.entries(written).map(([language, text]) => [language, readable(text)]));
  return nb === undefined ? [] : [[slug, present({ nb, nn, en }) as LocalizedText]];
}

function readable(text: unknown): string | undefined {
  const read = typeof text === 'string' ? parseFreeText(text, { maxCodePoints: LONGEST }) : undefined;
  return isFault(read) ? undefined : read;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
