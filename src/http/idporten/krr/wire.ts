import { type PersonNumber, parsePersonNumber, present } from '#domain';
import type { ToldContact } from '#idporten';
import { sound } from '../../wire-parts.js';
import type { components } from './wire.gen.js';

/** A shape of the description, by its name. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The person numbers that were sent. @throws ProblemError `invalid-request` that names the first that is none */
export function personsIn(numbers: readonly string[]): readonly PersonNumber[] {
  return numbers.map((number, i) => sound(`/personidentifikatorer/${i}`, parsePersonNumber(number)));
}

/** A person as the register's API answers it. */
export function personOut(told: ToldContact): Wire<'Person'> {
  const { person, isReserved, reservedAt, status, isNotifiable, language, mailbox, certificate } = told;
  return present({
    personidentifikator: person,
    reservasjon: isReserved ? ('JA' as const) : ('NEI' as const),
    reservasjonstidspunkt: reservedAt,
    status,
    varslingsstatus: isNotifiable === undefined ? undefined : isNotifiable ? ('KAN_VARSLES' as const) : ('KAN_IKKE_VARSLES' as const),
    kontaktinformasjon: channelsOut(told),
    digital_post: mailbox && { postkasseadresse: mailbox.address, postkasseleverandoeradresse: mailbox.provider },
    sertifikat: certificate,
    spraak: language?.code,
    spraak_oppdatert: language?.updated,
  });
}

function channelsOut({ email, mobile }: ToldContact): Wire<'Kontaktinformasjon'> | undefined {
  if (email === undefined && mobile === undefined) return undefined;
  return present({
    epostadresse: email?.address,
    epostadresse_oppdatert: email?.updated,
    epostadresse_sist_verifisert: email?.verified,
    mobiltelefonnummer: mobile?.address,
    mobiltelefonnummer_oppdatert: mobile?.updated,
    mobiltelefonnummer_sist_verifisert: mobile?.verified,
  });
}
