import { checkPrecondition, type PageOf, type PageRange, type Precondition, repeated } from '#access';
import { Fault, holdsPersonNumber, isFault, type Orgnr, parseFreeText, parseWebAddress, present } from '#domain';
import { invalid, ProblemError } from '#problem';
import type { Stored } from '#storage';
import type { Asking } from '../administer/leave.js';
import { onBehalfOfKey } from '../entities.js';
import { Faults } from '../faults.js';
import type { OnBehalfOf } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { seatIn } from '../seat.js';
import { type ClientLeave, leaveForClient } from './leave-for-client.js';
import { MOST_AT_ONCE } from './seat.js';

/** On whose behalf a client acts, with its revision. */
export type OnBehalfOfView = Stored<OnBehalfOf>;

/** What is said of it. */
export interface OnBehalfOfTerms {
  readonly name: string;
  readonly orgnr: Orgnr;
  readonly description?: string;
  readonly uri?: string;
  readonly logoUri?: string;
}

/** How many a client may have. */
const MOST = 1000;
const NAME = { maxCodePoints: 255 } as const;
const DESCRIPTION = { maxCodePoints: 1000, hasLines: true } as const;

/** What an onbehalfof is called in assertions and paths. */
export function parseOnBehalfOf(text: string): string | Fault {
  if (!/^[A-Za-z0-9._:-]{1,100}$/.test(text) || /^\.|\.\./.test(text)) {
    return new Fault('must be 1 to 100 of A-Z a-z 0-9 . _ : -, without "." at its beginning and without ".."');
  }
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}

/** On whose behalf a client may act. @throws ProblemError as leaveFor says */
export async function listOnBehalfOf(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  { limit, cursor }: PageRange,
): Promise<PageOf<OnBehalfOfView>> {
  const { before } = await leaveForClient(parts, request, id, 'onbehalfof.list');
  const prefix = onBehalfOfKey(before.value.id);
  const { items, next } = await collectionsOf(parts.store).onBehalfOfs.query(present({ prefix, limit, cursor }));
  return { items, ...present({ next }) };
}

/** One of them. @throws ProblemError as leaveFor says; `not-found` */
export async function readOnBehalfOf(parts: MaskinportenParts, request: Asking, id: string, value: string): Promise<OnBehalfOfView> {
  const leave = await leaveForClient(parts, request, id, 'onbehalfof.read');
  const found = await stored(parts, leave, value);
  if (found === undefined) throw noSuch();
  return found;
}

/** Adds one. @throws ProblemError as leaveFor says; `invalid-request`, `onbehalfof-exists`, `quota-reached` */
export function addOnBehalfOf(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  value: string,
  terms: OnBehalfOfTerms,
): Promise<OnBehalfOfView> {
  return repeated(async () => {
    const leave = await leaveForClient(parts, request, id, 'onbehalfof.put');
    const parsed = parseOnBehalfOf(value);
    if (isFault(parsed)) throw invalid('/onbehalfof', parsed.detail);
    if ((await stored(parts, leave, parsed)) !== undefined) throw new ProblemError('onbehalfof-exists');
    const { id: clientId, orgnr, supplier = orgnr } = leave.before.value;
    const { onBehalfOfs } = collectionsOf(parts.store);
    const seat = await seatIn(onBehalfOfs, { of: clientId, most: MOST, name: parsed }, `A client may have ${MOST} onbehalfof: remove one.`);
    const one: OnBehalfOf = {
      ...sound(terms),
      clientId,
      supplier,
      value: parsed,
      seat,
      created: leave.at,
      updated: leave.at,
    };
    return onBehalfOfs.put(one, { expect: 'absent', facts: leave.facts('onbehalfof.put') });
  }, MOST_AT_ONCE);
}

/** Replaces what is said of one. @throws ProblemError as leaveFor says; `invalid-request`, `not-found`, `precondition-failed` */
export function changeOnBehalfOf(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  value: string,
  precondition: Precondition,
  terms: OnBehalfOfTerms,
): Promise<OnBehalfOfView> {
  return repeated(async () => {
    const leave = await leaveForClient(parts, request, id, 'onbehalfof.put');
    const before = await stored(parts, leave, value);
    if (before === undefined) throw noSuch();
    checkPrecondition(precondition, before.revision);
    const { clientId, supplier, value: known, seat, created } = before.value;
    const one: OnBehalfOf = { ...sound(terms), clientId, supplier, value: known, seat, created, updated: leave.at };
    return collectionsOf(parts.store).onBehalfOfs.put(one, { expect: before.revision, facts: leave.facts('onbehalfof.put') });
  });
}

/** Removes one; its history stays. @throws ProblemError as leaveFor says; `not-found`, `precondition-failed` */
export async function removeOnBehalfOf(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  value: string,
  precondition: Precondition,
): Promise<void> {
  await repeated(async () => {
    const leave = await leaveForClient(parts, request, id, 'onbehalfof.remove');
    const before = await stored(parts, leave, value);
    if (before === undefined) throw noSuch();
    checkPrecondition(precondition, before.revision);
    const key = onBehalfOfKey(before.value.clientId, before.value.value);
    await collectionsOf(parts.store).onBehalfOfs.remove(key, { expect: before.revision, facts: leave.facts('onbehalfof.remove') });
  });
}

async function stored({ store }: MaskinportenParts, { before }: ClientLeave, sent: string): Promise<OnBehalfOfView | undefined> {
  const value = parseOnBehalfOf(sent);
  return isFault(value) ? undefined : collectionsOf(store).onBehalfOfs.get(onBehalfOfKey(before.value.id, value));
}

function sound({ name, orgnr, description, uri, logoUri }: OnBehalfOfTerms): OnBehalfOfTerms {
  const faults = new Faults();
  const address = (pointer: string, text: string | undefined): string | undefined =>
    text === undefined ? undefined : faults.sound(pointer, parseWebAddress(text));
  const terms = {
    name: faults.sound('/name', parseFreeText(name, NAME)) ?? '',
    orgnr,
    description: description === undefined ? undefined : faults.sound('/description', parseFreeText(description, DESCRIPTION)),
    uri: address('/uri', uri),
    logoUri: address('/logo_uri', logoUri),
  };
  faults.end();
  return present(terms);
}

function noSuch(): ProblemError {
  return new ProblemError('not-found', { detail: 'The client has no onbehalfof of this value.' });
}
