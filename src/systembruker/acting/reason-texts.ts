import type { ExplainedReason } from '#access';
import { type LocalizedText, present } from '#domain';

/** What the rules of systembruker/acting and systembruker/asking say, for people. */
const TEXTS: ReadonlyMap<string, Required<LocalizedText>> = new Map(
  Object.entries({
    granted: {
      nb: 'Systembrukeren har rettigheten.',
      nn: 'Systembrukaren har rettigheita.',
      en: 'The system user has the right.',
    },
    resource_unknown: {
      nb: 'Organisasjonen som spør har ingen slik tjeneste.',
      nn: 'Organisasjonen som spør har inga slik teneste.',
      en: 'The organisation that asks has no such service.',
    },
    system_user_unknown: {
      nb: 'Det finnes ingen slik systembruker.',
      nn: 'Det finst ingen slik systembrukar.',
      en: 'There is no such system user.',
    },
    system_user_deactivated: {
      nb: 'Systembrukeren er deaktivert av virksomheten som eier den.',
      nn: 'Systembrukaren er deaktivert av verksemda som eig han.',
      en: 'The system user is deactivated by the business that owns it.',
    },
    system_other: {
      nb: 'Systemet er slettet, eller systembrukeren hører ikke lenger til det.',
      nn: 'Systemet er sletta, eller systembrukaren høyrer ikkje lenger til det.',
      en: 'The system is deleted, or the system user no longer belongs to it.',
    },
    organisation_ceased: {
      nb: 'Virksomheten er avviklet.',
      nn: 'Verksemda er avvikla.',
      en: 'The business has ceased.',
    },
    organisation_foreign: {
      nb: 'Systembrukeren handler ikke for denne virksomheten.',
      nn: 'Systembrukaren handlar ikkje for denne verksemda.',
      en: 'The system user does not act for this business.',
    },
    relation_missing: {
      nb: 'Virksomheten har ikke, eller ikke lenger, gitt alle tilgangspakkene som systembrukeren handler med.',
      nn: 'Verksemda har ikkje, eller ikkje lenger, gjeve alle tilgangspakkane som systembrukaren handlar med.',
      en: 'The business has not, or no longer, given all access packages that the system user acts with.',
    },
    resource_not_in_use: {
      nb: 'Tjenesten er ikke i bruk.',
      nn: 'Tenesta er ikkje i bruk.',
      en: 'The service is not in use.',
    },
    resource_not_for_system_users: {
      nb: 'Tjenesten er ikke for systembrukere.',
      nn: 'Tenesta er ikkje for systembrukarar.',
      en: 'The service is not for system users.',
    },
    resource_not_for_organisation: {
      nb: 'Tjenesteeieren lar ikke virksomheten bruke tjenesten med systembruker.',
      nn: 'Tenesteeigaren lèt ikkje verksemda bruke tenesta med systembrukar.',
      en: 'The owner of the service does not let the business use it by a system user.',
    },
    action_unknown: {
      nb: 'Tjenesten kjenner ikke handlingen.',
      nn: 'Tenesta kjenner ikkje handlinga.',
      en: 'The service does not know the action.',
    },
    right_missing: {
      nb: 'Systembrukeren har ikke fått rettigheten.',
      nn: 'Systembrukaren har ikkje fått rettigheita.',
      en: 'The system user has not been given the right.',
    },
  }),
);

/** Reasons, each with what it means to people. */
export function explained(reasons: readonly string[]): readonly ExplainedReason[] {
  return reasons.map((slug) => present({ slug, text: TEXTS.get(slug) }));
}
