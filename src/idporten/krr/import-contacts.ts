import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type AdminRequest,
  type ImportFault,
  type ImportReport,
  type ImportRow,
  OPERATOR_BATCH_LINES,
  repeated,
  writeLines,
} from '#access';
import type { BrukerId } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { Contact } from './contact.js';
import { leaveFor } from './leave.js';
import { type ContactOrder, contactReader } from './read-line.js';
import { addressesOf } from './tell-contacts.js';

/** How an import of the register is carried out. */
export interface ContactImport {
  /** Only say what would change. */
  readonly dryRun?: boolean;
  readonly onFault?: (fault: ImportFault) => void;
  /** Called when a batch is durable: what it reports as written survives the process. */
  readonly onWritten?: (report: ImportReport) => Promise<void> | void;
}

type Outcome = 'given' | 'changed' | 'unchanged';

/**
 * Keeps the contact register by a file of another one: a line is all that is kept of its person, one whose status is SLETTET loses all but that, one of
 * IKKE_REGISTRERT is forgotten. Faulty lines are told and left out, of two about one person the later one stays, and running it again over the same
 * lines changes nothing. A language that the person has chosen later than the line says stays.
 * @throws ProblemError as leaveFor, before a row is read; `store-unavailable`; what was reported as written stays
 */
export async function importContacts(
  parts: IdportenParts,
  request: AdminRequest,
  rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  { dryRun = false, ...told }: ContactImport = {},
): Promise<ImportReport> {
  const { at } = await leaveFor(parts, request, 'register.import', []);
  const facts: ChangeFacts = { action: 'krr.import', at, actor: 'operator' };
  const report = await writeLines<ContactOrder>(rows, {
    ...told,
    batchLines: OPERATOR_BATCH_LINES,
    read: contactReader(parts.vault, at),
    give: async (lines) => ({
      refused: [],
      outcomes: await writeContacts(
        parts,
        lines.map(({ order }) => order),
        dryRun ? undefined : facts,
      ),
    }),
  });
  if (dryRun) return report;
  const { lines, given, changed, unchanged, faulty } = report;
  const value = { name: 'latest', at, lines, given, changed, unchanged, faulty } as const;
  await collectionsOf(parts.store).registerImports.put(value, { expect: 'any', facts });
  return report;
}

/** Contacts that are made in one turn of the event loop. */
const TURN_CONTACTS = 128;

/** @param facts absent to say only what would happen */
async function writeContacts(parts: IdportenParts, orders: readonly ContactOrder[], facts: ChangeFacts | undefined): Promise<Outcome[]> {
  const { contacts } = collectionsOf(parts.store);
  const latest = new Map(orders.map((order) => [order.brukerId, order]));
  const all = [...latest.values()];
  const stored = await contacts.getMany(all.map(({ brukerId }) => brukerId));
  const outcomes = new Map<BrukerId, Outcome>();
  const changes: Change[] = [];
  for (const [i, order] of all.entries()) {
    if (i % TURN_CONTACTS === 0) await setImmediate(); // Requests that wait get their turn.
    const { outcome, change } = changeOf(parts, order, stored[i]);
    outcomes.set(order.brukerId, outcome);
    if (change !== undefined) changes.push(change);
  }
  if (facts !== undefined) await carryOut(parts, changes, facts);
  // Of a person with several lines the last one counts.
  return orders.map((order) => (latest.get(order.brukerId) === order ? (outcomes.get(order.brukerId) as Outcome) : 'unchanged'));
}

/** What a line asks for, from what was read. */
interface Change {
  readonly order: ContactOrder;
  readonly expect: number | 'absent';
  /** Absent: it goes. */
  readonly value?: Contact;
}

function changeOf(
  { vault }: Pick<IdportenParts, 'vault'>,
  order: ContactOrder,
  stored: Stored<Contact> | undefined,
): { readonly outcome: Outcome; readonly change?: Change } {
  const expect = stored?.revision ?? 'absent';
  if (order.contact === undefined)
    return stored === undefined ? { outcome: 'unchanged' } : { outcome: 'changed', change: { order, expect } };
  const next = withLanguage(order.contact, stored?.value);
  if (stored !== undefined && isKept(vault, next, order, stored.value)) return { outcome: 'unchanged' };
  const hasAddress = Object.keys(order.addresses).length > 0;
  const value = hasAddress ? { ...next, sealed: vault.sealText(JSON.stringify(order.addresses), next.brukerId) } : next;
  return { outcome: stored === undefined ? 'given' : 'changed', change: { order, expect, value } };
}

function isKept(vault: IdportenParts['vault'], next: Omit<Contact, 'sealed'>, { addresses }: ContactOrder, before: Contact): boolean {
  const { sealed: _, ...plain } = before;
  return isDeepStrictEqual(plain, next) && isDeepStrictEqual(addressesOf(vault, before), addresses);
}

/** The person's own choice outlasts a file that was written before it. */
function withLanguage(next: Omit<Contact, 'sealed'>, before: Contact | undefined): Omit<Contact, 'sealed'> {
  const chosen = before?.language;
  if (next.status !== 'AKTIV' || chosen?.updated === undefined) return next;
  return chosen.updated > (next.language?.updated ?? '') ? { ...next, language: chosen } : next;
}

async function carryOut(parts: IdportenParts, changes: readonly Change[], facts: ChangeFacts): Promise<void> {
  const { contacts } = collectionsOf(parts.store);
  const puts = changes.flatMap(({ value, expect }) => (value === undefined ? [] : [{ value, expect }]));
  const written = await contacts.putMany(puts, facts);
  const late = written.flatMap((outcome, i) => {
    if (!(outcome instanceof ProblemError)) return [];
    if (outcome.slug !== 'conflict') throw outcome;
    return puts[i]?.value.brukerId ?? [];
  });
  const again = changes.filter(({ order, value }) => value === undefined || late.includes(order.brukerId));
  // Those that go, and those whom somebody else has changed meanwhile: read again, one by one.
  await Promise.all(again.map(({ order }) => repeated(() => changeAlone(parts, order, facts))));
}

async function changeAlone(parts: IdportenParts, order: ContactOrder, facts: ChangeFacts): Promise<void> {
  const { contacts } = collectionsOf(parts.store);
  const { change } = changeOf(parts, order, await contacts.get(order.brukerId));
  if (change === undefined) return;
  const { value, expect } = change;
  if (value === undefined) await contacts.remove(order.brukerId, { expect, facts });
  else await contacts.put(value, { expect, facts });
}
