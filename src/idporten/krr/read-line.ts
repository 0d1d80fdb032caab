import { type ImportFault, type ImportRow, lineFields, memoized } from '#access';
import {
  type BrukerId,
  Fault,
  type Instant,
  isFault,
  type PersonNumber,
  parseFreeText,
  parseOrgnr,
  parsePeriodStart,
  parsePersonNumber,
  present,
} from '#domain';
import type { PersonVault } from '#persons';
import { type Addresses, type Channel, type Contact, LANGUAGES, type Language } from './contact.js';

/** A line of the register's file: what is to be kept of a person, or nothing, if that one is not registered. */
export interface ContactOrder {
  readonly brukerId: BrukerId;
  readonly contact: Omit<Contact, 'sealed'> | undefined;
  readonly addresses: Addresses;
}

const CHANNELS = { email: 'epostadresse', mobile: 'mobiltelefonnummer' } as const;
const FIELDS: ReadonlySet<string> = new Set([
  'personidentifikator',
  'status',
  'reservasjon',
  'reservasjonstidspunkt',
  ...Object.values(CHANNELS).flatMap((name) => [name, `${name}_oppdatert`, `${name}_sist_verifisert`]),
  'postkasseadresse',
  'postkasseleverandoeradresse',
  'spraak',
  'spraak_oppdatert',
]);
/** Parts of a person as the register's own API answers them, whose fields may stand in the line as they are. */
const PARTS = ['kontaktinformasjon', 'digital_post'];

/** A reader for the lines of one file. @param now the moment after which nothing can have happened yet */
export function contactReader(vault: PersonVault, now: Instant): (row: ImportRow) => ContactOrder | ImportFault {
  const moment = memoized((text) => pastOf(parsePeriodStart(text), now));
  return ({ line, fields: sent }) => {
    if (isFault(sent)) return { line, detail: sent.detail };
    const fields = flat(sent);
    const read = lineFields(line, fields);
    read.known(FIELDS);
    const person = read.required('personidentifikator', parsePersonNumber);
    const status = read.optional('status', oneOf('AKTIV', 'SLETTET', 'IKKE_REGISTRERT')) ?? 'AKTIV';
    const body = status === 'AKTIV' ? bodyOf(read, moment) : { contact: {}, addresses: {} };
    const fault = read.first();
    if (fault !== undefined) return fault;
    return orderOf(vault.nameOf(person as PersonNumber), status, body);
  };
}

type Body = { readonly contact: Omit<Contact, 'sealed' | 'brukerId' | 'status'>; readonly addresses: Addresses };

function orderOf(brukerId: BrukerId, status: Contact['status'] | 'IKKE_REGISTRERT', { contact, addresses }: Body): ContactOrder {
  if (status === 'IKKE_REGISTRERT') return { brukerId, contact: undefined, addresses: {} };
  return { brukerId, contact: { brukerId, status, ...contact }, addresses };
}

type Fields = ReturnType<typeof lineFields>;
type Moment = (text: string) => Instant | Fault;

function bodyOf(read: Fields, moment: Moment): Body {
  const isReserved = read.optional('reservasjon', oneOf('JA', 'NEI')) === 'JA';
  const at = read.optional('reservasjonstidspunkt', moment);
  if (at !== undefined && !isReserved) read.blame('reservasjonstidspunkt', new Fault('stands without reservasjon JA'));
  const email = read.optional('epostadresse', parseEmail);
  const mobile = read.optional('mobiltelefonnummer', parseMobile);
  const mailbox = read.optional('postkasseadresse', parseMailboxAddress);
  const provider = read.optional('postkasseleverandoeradresse', parseOrgnr);
  if ((mailbox === undefined) !== (provider === undefined))
    read.blame('postkasseadresse', new Fault('and postkasseleverandoeradresse go together: give both or none'));
  const code = read.optional('spraak', oneOf(...LANGUAGES));
  const updated = read.optional('spraak_oppdatert', moment);
  if (updated !== undefined && code === undefined) read.blame('spraak_oppdatert', new Fault('stands without spraak'));
  return {
    contact: present({
      reserved: isReserved ? present({ at }) : undefined,
      email: channelOf(read, CHANNELS.email, email, moment),
      mobile: channelOf(read, CHANNELS.mobile, mobile, moment),
      mailbox: provider === undefined ? undefined : { provider },
      language: code === undefined ? undefined : present({ code: code as Language, updated }),
    }),
    addresses: present({ email, mobile, mailbox }),
  };
}

function channelOf(read: Fields, name: string, address: string | undefined, moment: Moment): Channel | undefined {
  const updated = read.optional(`${name}_oppdatert`, moment);
  const verified = read.optional(`${name}_sist_verifisert`, moment);
  if (address !== undefined) return present({ updated, verified });
  if (updated !== undefined) read.blame(`${name}_oppdatert`, new Fault(`stands without ${name}`));
  if (verified !== undefined) read.blame(`${name}_sist_verifisert`, new Fault(`stands without ${name}`));
  return undefined;
}

/** The fields of a line, and those of its parts beside them. */
function flat(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!PARTS.some((part) => isObject(fields[part]))) return fields;
  const all: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (PARTS.includes(name) && isObject(value)) Object.assign(all, value);
    else all[name] = value;
  }
  return all;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oneOf<const Words extends readonly string[]>(...words: Words): (text: string) => Words[number] | Fault {
  return (text) => (words.includes(text) ? text : new Fault(`is none of ${words.join(', ')}`));
}

function pastOf(at: Instant | Fault, now: Instant): Instant | Fault {
  return isFault(at) || at <= now ? at : new Fault('is later than now');
}

/** An e-mail address: at most 50 characters, as in the national register. */
export function parseEmail(text: string): string | Fault {
  const address = parseFreeText(text, { maxCodePoints: 50 });
  if (isFault(address)) return address;
  return /^[^\s@"'<>()[\]\\,;:]+@[^\s@"'<>()[\]\\,;:.]+(?:\.[^\s@"'<>()[\]\\,;:.]+)+$/.test(address)
    ? address
    : new Fault('is no e-mail address (name@domain)');
}

/** A number of a mobile phone. One that reads as a person number is none for that: eleven digits are a foreign number like others. */
export function parseMobile(text: string): string | Fault {
  if (!/^\+?[0-9][0-9 _-]{6,18}[0-9]$/.test(text) || text.length > 20)
    return new Fault('is no mobile number: 8 to 20 characters, of digits, blank, "-" and "_", with a "+" first if it has one');
  const digits = text.replaceAll(/[ _-]/g, '').replace(/^(?:\+47|0047)(?=\d{8}$)/, '');
  if (/^(?:\+47|0047)/.test(digits) || digits.replace('+', '').length < 8) return new Fault('has not as many digits as a number has');
  return digits.length === 8 && !/^[49]/.test(digits) ? new Fault('is no Norwegian mobile number: those begin with 4 or 9') : text;
}

/** Where a mailbox is at its provider, such as `ola.nordmann#12AB`. */
function parseMailboxAddress(text: string): string | Fault {
  const address = parseFreeText(text, { maxCodePoints: 100 });
  return isFault(address) || !/\s/.test(address) ? address : new Fault('has a blank');
}
