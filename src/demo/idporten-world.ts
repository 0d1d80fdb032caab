import { DAY_MS, type Instant, type Orgnr, type PersonNumber, present, toInstant } from '#domain';
import { syntheticOrgnr } from './synthetic-numbers.js';

/** A person of the demo's contact register, as a line of its file. */
export type DemoContact = Readonly<Record<string, string>>;

/** What the ID-porten side of the demo is filled with. */
export interface DemoIdporten {
  readonly mailboxProvider: { readonly orgnr: Orgnr; readonly certificate: string };
  readonly contacts: readonly DemoContact[];
  readonly logins: readonly {
    readonly person: PersonNumber;
    readonly acr: string;
    readonly amr: readonly string[];
    readonly at: Instant;
  }[];
}

/** Who runs the mailboxes of the demo; nobody has the key of its certificate. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBvDCCAWGgAwIBAgIUIHH+PO1suNnexXqr89W9+V8SsKwwCgYIKoZIzj0EAwIw
MzEZMBcGA1UECgwQRGVtb3Bvc3RrYXNzZSBBUzEWMBQGA1UEAwwNRGVtb3Bvc3Rr
YXNzZTAeFw0yNjExMjcxOTA2NDZaFw0zNjExMjQxOTA2NDZaMDMxGTAXBgNVBAoM
EERlbW9wb3N0a2Fzc2UgQVMxFjAUBgNVBAMMDURlbW9wb3N0a2Fzc2UwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATMpvjoVZJyKafK+ujMkLk532HfWbgFWYIiE50n
a+hbh3Rqi5mGm01DQjhVcTMoaAhyiFTjNR8nBjQdrJtqc42co1MwUTAdBgNVHQ4E
FgQUm9T8768pL7XewtcggQX57lLAjGYwHwYDVR0jBBgwFoAUm9T8768pL7Xewtcg
gQX57lLAjGYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAyKBM
Ifq/voctmjWK3FdFWbwqNtURGtGRZF3mlWph4bECIQC0jcmsW1DK1JujSskeNjzQ
wx0jfh/KzUVuspMixM3hCg==
-----END CERTIFICATE-----
`;

const LANGUAGES = ['nb', 'nb', 'nn', 'en', 'se'];
/** How many days ago a person's e-mail address and mobile number were confirmed; nine persons in ten have both, the tenth is deleted or not there. */
const DAYS_AGO: readonly (readonly [email: number, mobile: number])[] = [
  [20, 40],
  [200, 10],
  [5, 5],
  [400, 100],
  [30, 300],
  [600, 30],
  [30, 600],
  [600, 900],
  [10, 10],
];
const RESERVED = 8;

/** The ID-porten side of the demo world, about those persons; only its dates depend on the moment. */
export function demoIdporten(persons: readonly PersonNumber[], now: Instant): DemoIdporten {
  const before = (days: number): Instant => toInstant(Date.parse(now) - days * DAY_MS);
  const provider = syntheticOrgnr('Demopostkasse AS');
  return {
    mailboxProvider: { orgnr: provider, certificate: CERTIFICATE },
    contacts: persons.flatMap((person, i) => contactOf(person, i, provider, before)),
    logins: persons.slice(0, 30).map((person, i) => ({
      person,
      acr: i % 3 === 2 ? 'idporten-loa-substantial' : 'idporten-loa-high',
      amr: [i % 3 === 2 ? 'Minid-OTP' : 'BankID'],
      // Every third high one is longer ago than the last 18 months.
      at: before(i % 3 === 1 ? 580 : 30 + i),
    })),
  };
}

function contactOf(person: PersonNumber, i: number, provider: Orgnr, before: (days: number) => Instant): readonly DemoContact[] {
  const kind = i % (DAYS_AGO.length + 1);
  const days = DAYS_AGO[kind];
  if (days === undefined) return i % 20 < 10 ? [{ personidentifikator: person, status: 'SLETTET' }] : [];
  const number = String(i + 1).padStart(3, '0');
  const hasMailbox = i % 4 === 0;
  return [
    present({
      personidentifikator: person,
      reservasjon: kind === RESERVED ? 'JA' : 'NEI',
      reservasjonstidspunkt: kind === RESERVED ? before(50) : undefined,
      epostadresse: `person-${number}@demo.example`,
      epostadresse_oppdatert: before(days[0] + 300),
      epostadresse_sist_verifisert: before(days[0]),
      mobiltelefonnummer: `+4799999${number}`,
      mobiltelefonnummer_oppdatert: before(days[1]),
      postkasseadresse: hasMailbox ? `person-${number}#DEMO` : undefined,
      postkasseleverandoeradresse: hasMailbox ? provider : undefined,
      spraak: LANGUAGES[i % LANGUAGES.length] as string,
      spraak_oppdatert: before(700),
    }),
  ];
}
