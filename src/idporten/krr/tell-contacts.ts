import type { Rule } from '#decisions';
import type { BrukerId, Instant, Orgnr, PersonNumber } from '#domain';
import { JsonText } from '#policy';
import type { Reading, Refs } from '#storage';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { Addresses, Channel, Contact, Language, MailboxProvider } from './contact.js';
import type { RegisterLeave } from './leave.js';

/** A way to reach somebody, as it is told. */
export interface ToldChannel extends Channel {
  readonly address: string;
}

/** What a caller is told of a person: what it may not know, and what there is not, is left out. */
export interface ToldContact {
  readonly person: PersonNumber;
  readonly status: Contact['status'] | 'IKKE_REGISTRERT';
  readonly isReserved: boolean;
  readonly reservedAt?: Instant;
  /** Present with the contact part, also of those who cannot be reached. */
  readonly isNotifiable?: boolean;
  readonly email?: ToldChannel;
  readonly mobile?: ToldChannel;
  readonly language?: { readonly code: Language; readonly updated?: Instant };
  readonly mailbox?: { readonly address: string; readonly provider: Orgnr };
  /** PEM. */
  readonly certificate?: string;
}

type Word = 'left_out' | 'unregistered' | 'deleted' | 'notifiable' | 'unnotifiable';
const WORDS: ReadonlySet<unknown> = new Set<Word>(['left_out', 'unregistered', 'deleted', 'notifiable', 'unnotifiable']);
/** Of whom nothing more than that is told. */
const BARE: ReadonlySet<Word> = new Set(['left_out', 'unregistered', 'deleted']);
const VIEW: Rule<readonly Word[]> = { entrypoint: 'idporten/contacts/view', isAnswer: isWords };

/** Whom to tell of, and how. */
export interface ContactQuestion {
  readonly persons: readonly PersonNumber[];
  /** What they are called, in the same order. */
  readonly names: readonly BrukerId[];
  /** Whether those who are not registered are told, as such. */
  readonly includesUnregistered: boolean;
}

/**
 * What the leave lets a caller be told of persons, in their order: their documents in one read, and one evaluation for all of them. It is asked for
 * nobody, since what was decided for the caller is the leave: the decision log has that, and nothing that stands in the register.
 * @throws ProblemError `evaluation-failed`, `store-unavailable`
 */
export async function tellContacts(
  parts: Pick<IdportenParts, 'store' | 'judge' | 'vault'>,
  { fields, at }: RegisterLeave,
  { persons, names, includesUnregistered }: ContactQuestion,
): Promise<readonly ToldContact[]> {
  const { contacts, mailboxProviders } = collectionsOf(parts.store);
  const reading = await parts.store.read(names.map((key) => ({ collection: contacts, key })));
  const found = reading.documents.map((document) => document?.value as Contact | undefined);
  const words = await wordsOf(parts, found, { includesUnregistered, at });
  const certificates = fields.has('mailbox') ? await certificatesOf(reading, mailboxProviders, found) : new Map<Orgnr, string>();
  const [tellsContact, tellsMailbox] = [fields.has('contact'), fields.has('mailbox')];
  // Opened only where something of it is told: that is a third of what a person costs.
  const opened = found.filter(
    (contact, i) => !BARE.has(words[i] as Word) && (tellsContact || (tellsMailbox && contact?.mailbox !== undefined)),
  );
  const addresses = await addressesOfAll(parts.vault, opened);
  const telling: Telling = { tellsContact, tellsMailbox, certificates, addresses };
  const all: ToldContact[] = [];
  for (let i = 0; i < persons.length; i += 1) {
    const [person, word, contact] = [persons[i] as PersonNumber, words[i] as Word, found[i]];
    if (word === 'left_out') continue;
    const isBare = BARE.has(word) || contact === undefined;
    all.push(isBare ? bare(person, word, contact) : told(person, contact, word === 'notifiable', telling));
  }
  return all;
}

async function wordsOf(
  { judge }: Pick<IdportenParts, 'judge'>,
  found: readonly (Contact | undefined)[],
  { includesUnregistered, at }: { readonly includesUnregistered: boolean; readonly at: Instant },
): Promise<readonly Word[]> {
  const persons = found.map((contact) => (contact === undefined ? 'null' : factsOf(contact))).join(',');
  const input = `{"persons":[${persons}],"includesUnregistered":${includesUnregistered},"context":{"time":"${at}"}}`;
  const { answer } = await judge.ask(VIEW, new JsonText(input), ({ length }) => length === found.length, 'nobody');
  return answer;
}

/** What the rules read of a contact, as JSON: of fixed alphabets, and written by hand for a thousand at a time. */
function factsOf({ status, reserved, email, mobile }: Contact): string {
  return `{"status":"${status}","reserved":${reserved !== undefined},"channels":[${datesOf(email)}${email && mobile ? ',' : ''}${datesOf(mobile)}]}`;
}

function datesOf(channel: Channel | undefined): string {
  if (channel === undefined) return '';
  const { updated, verified } = channel;
  return `[${updated === undefined ? '' : `"${updated}"`}${updated && verified ? ',' : ''}${verified === undefined ? '' : `"${verified}"`}]`;
}

async function certificatesOf(
  reading: Pick<Reading<Refs>, 'registry'>,
  providers: ReturnType<typeof collectionsOf>['mailboxProviders'],
  found: readonly (Contact | undefined)[],
): Promise<ReadonlyMap<Orgnr, string>> {
  const named = new Set<Orgnr>();
  for (const contact of found) if (contact?.mailbox !== undefined) named.add(contact.mailbox.provider);
  const known = new Map<Orgnr, string>();
  for (const orgnr of named) {
    const provider: MailboxProvider | undefined = (await reading.registry(providers, orgnr))?.value;
    if (provider !== undefined) known.set(orgnr, provider.certificate);
  }
  return known;
}

function bare(person: PersonNumber, word: Word, contact: Contact | undefined): ToldContact {
  return { person, status: word === 'deleted' && contact !== undefined ? contact.status : 'IKKE_REGISTRERT', isReserved: false };
}

interface Telling {
  readonly tellsContact: boolean;
  readonly tellsMailbox: boolean;
  readonly certificates: ReadonlyMap<Orgnr, string>;
  readonly addresses: ReadonlyMap<Contact, Addresses>;
}

/** Built field by field: of a thousand at a time each copy of an object counts. */
type Building = { -readonly [Name in keyof ToldContact]: ToldContact[Name] };

function told(
  person: PersonNumber,
  contact: Contact,
  isNotifiable: boolean,
  { tellsContact, tellsMailbox, certificates, addresses }: Telling,
): ToldContact {
  const { status, reserved, email, mobile, mailbox, language } = contact;
  const built: Building = { person, status, isReserved: reserved !== undefined };
  if (reserved?.at !== undefined) built.reservedAt = reserved.at;
  const box = tellsMailbox ? mailbox : undefined;
  const known = addresses.get(contact) ?? {};
  if (tellsContact) {
    built.isNotifiable = isNotifiable;
    if (email !== undefined && known.email !== undefined) built.email = toldChannel(email, known.email);
    if (mobile !== undefined && known.mobile !== undefined) built.mobile = toldChannel(mobile, known.mobile);
    if (language !== undefined) built.language = language;
  }
  if (box !== undefined && known.mailbox !== undefined) {
    built.mailbox = { address: known.mailbox, provider: box.provider };
    const certificate = certificates.get(box.provider);
    if (certificate !== undefined) built.certificate = certificate;
  }
  return built;
}

function toldChannel({ updated, verified }: Channel, address: string): ToldChannel {
  const built: { -readonly [Name in keyof ToldChannel]: ToldChannel[Name] } = { address };
  if (updated !== undefined) built.updated = updated;
  if (verified !== undefined) built.verified = verified;
  return built;
}

/** The addresses of a contact, unsealed. @throws ProblemError `store-unavailable` if they were sealed under another secret */
export function addressesOf(vault: IdportenParts['vault'], { sealed, brukerId }: Contact): Addresses {
  return sealed === undefined ? {} : (JSON.parse(vault.unsealText(sealed, brukerId)) as Addresses);
}

/** Those of many, of whom each has some. @throws as addressesOf */
async function addressesOfAll(
  vault: IdportenParts['vault'],
  contacts: readonly (Contact | undefined)[],
): Promise<ReadonlyMap<Contact, Addresses>> {
  const having = contacts.filter((contact): contact is Contact & { readonly sealed: string } => contact?.sealed !== undefined);
  const texts = await vault.unsealTexts(having.map(({ sealed, brukerId }) => ({ sealed, boundTo: brukerId })));
  return new Map(having.map((contact, i) => [contact, JSON.parse(texts[i] as string) as Addresses]));
}

function isWords(value: unknown): value is readonly Word[] {
  return Array.isArray(value) && value.every((word) => WORDS.has(word));
}
