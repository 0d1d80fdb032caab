import { type AccessParts, operatorRequest } from '#access';
import { importContacts, type LoginService, putMailboxProvider, recordLogin } from '#idporten';
import type { DemoIdporten } from './idporten-world.js';

/** As the settings have it where nobody has said otherwise. */
const HISTORY = { loginHistoryDays: 1096 };

/** Writes the ID-porten side into the store, through the use cases; may be run again over one that was interrupted, which records logins twice. */
export async function fillIdporten(
  parts: AccessParts,
  { mailboxProvider, contacts, logins }: DemoIdporten,
  service: LoginService,
): Promise<void> {
  const request = operatorRequest();
  await putMailboxProvider(parts, request, mailboxProvider);
  const rows = contacts.map((fields, i) => ({ line: i + 1, fields }));
  const { faulty } = await importContacts(parts, request, rows);
  if (faulty > 0) throw new TypeError(`${faulty} contacts of the demo world are faulty`);
  await Promise.all(logins.map((login) => recordLogin(parts, HISTORY, { ...login, service })));
}
