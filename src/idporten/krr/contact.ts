import type { BrukerId, Instant, Orgnr } from '#domain';
import type { Entity } from '#storage';

/** The languages that a person can ask to be written to in. */
export const LANGUAGES = ['nb', 'nn', 'en', 'se'] as const;

/** One of them. */
export type Language = (typeof LANGUAGES)[number];

/** When a way to reach somebody was changed and confirmed. The dates of each way are its own. */
export interface Channel {
  readonly updated?: Instant;
  readonly verified?: Instant;
}

/**
 * A person of the contact register, named by the HMAC. What rules judge by is in the clear, addresses are sealed. Of one who is deleted nothing else
 * stands here.
 */
export interface Contact {
  readonly brukerId: BrukerId;
  readonly status: 'AKTIV' | 'SLETTET';
  /** Present if the person has reserved against digital communication. */
  readonly reserved?: { readonly at?: Instant };
  readonly email?: Channel;
  readonly mobile?: Channel;
  /** Who runs the person's digital mailbox. */
  readonly mailbox?: { readonly provider: Orgnr };
  readonly language?: { readonly code: Language; readonly updated?: Instant };
  /** Addresses as JSON, bound to the brukerId. */
  readonly sealed?: string;
}

/** What is sealed of a contact: an address for each of its ways. */
export interface Addresses {
  readonly email?: string;
  readonly mobile?: string;
  readonly mailbox?: string;
}

/** Key: person. Without history: of one who is deleted, and of an address that has been changed, nothing is left. */
export const contacts: Entity<Contact> = {
  name: 'krr-contact',
  key: ({ brukerId }) => brukerId,
  indexes: {},
  keepsNoHistory: true,
};

/** Who runs mailboxes, with the certificate that letters there are encrypted by. */
export interface MailboxProvider {
  readonly orgnr: Orgnr;
  /** PEM. */
  readonly certificate: string;
}

/** Key: organisation number. In the registry: few, and read with every contact that has a mailbox. */
export const mailboxProviders: Entity<MailboxProvider> = {
  name: 'krr-mailbox-provider',
  isRegistry: true,
  key: ({ orgnr }) => orgnr,
  indexes: {},
};

/** What the latest import has done. */
export interface RegisterImport {
  readonly name: 'latest';
  readonly at: Instant;
  readonly lines: number;
  readonly given: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly faulty: number;
}

/** One document, whose history is that of the imports. */
export const registerImports: Entity<RegisterImport> = { name: 'krr-import', key: ({ name }) => name, indexes: {} };

/** Where this room keeps something sealed. */
export const sealedContacts = {
  entity: contacts,
  mapped: (value: Contact, each: (sealed: string, boundTo: string) => string): Contact =>
    value.sealed === undefined ? value : { ...value, sealed: each(value.sealed, value.brukerId) },
};
