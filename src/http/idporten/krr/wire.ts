import { type PersonNumber, parsePersonNumber } from '#domain';
import type { ToldChannel, ToldContact } from '#idporten';
import { sound } from '../../wire-parts.js';
import type { components } from './wire.gen.js';

/** A shape of the description, by its name. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The person numbers that were sent. @throws ProblemError `invalid-request` that names the first that is none */
export function personsIn(numbers: readonly string[]): readonly PersonNumber[] {
  return numbers.map((number, i) => sound(`/personidentifikatorer/${i}`, parsePersonNumber(number)));
}

/** Built field by field: of a thousand at a time each copy of an object counts. */
type Building<Name extends keyof components['schemas']> = { -readonly [Field in keyof Wire<Name>]: Wire<Name>[Field] };

/** A person as the register's API answers it. */
export function personOut({
  person,
  isReserved,
  reservedAt,
  status,
  isNotifiable,
  email,
  mobile,
  language,
  mailbox,
  certificate,
}: ToldContact): Wire<'Person'> {
  const out: Building<'Person'> = { personidentifikator: person, reservasjon: isReserved ? 'JA' : 'NEI', status };
  if (reservedAt !== undefined) out.reservasjonstidspunkt = reservedAt;
  if (isNotifiable !== undefined) out.varslingsstatus = isNotifiable ? 'KAN_VARSLES' : 'KAN_IKKE_VARSLES';
  if (email !== undefined || mobile !== undefined) out.kontaktinformasjon = channelsOut(email, mobile);
  if (mailbox !== undefined) out.digital_post = { postkasseadresse: mailbox.address, postkasseleverandoeradresse: mailbox.provider };
  if (certificate !== undefined) out.sertifikat = certificate;
  if (language !== undefined) out.spraak = language.code;
  if (language?.updated !== undefined) out.spraak_oppdatert = language.updated;
  return out;
}

function channelsOut(email: ToldChannel | undefined, mobile: ToldChannel | undefined): Wire<'Kontaktinformasjon'> {
  const out: Building<'Kontaktinformasjon'> = {};
  if (email !== undefined) out.epostadresse = email.address;
  if (email?.updated !== undefined) out.epostadresse_oppdatert = email.updated;
  if (email?.verified !== undefined) out.epostadresse_sist_verifisert = email.verified;
  if (mobile !== undefined) out.mobiltelefonnummer = mobile.address;
  if (mobile?.updated !== undefined) out.mobiltelefonnummer_oppdatert = mobile.updated;
  if (mobile?.verified !== undefined) out.mobiltelefonnummer_sist_verifisert = mobile.verified;
  return out;
}
