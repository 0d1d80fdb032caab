import { operatorRequest } from '#access';
import { DAY_MS, type PersonNumber, toInstant } from '#domain';
import { type IdportenParts, importContacts, personClaims, recordLogin } from '#idporten';
import { openAccess } from '#installation';
import { newPersons } from '../../fixtures/demo-folder.js';
import { type Answer, type MachineHolder, type RunningGateway, runGateway } from '../../fixtures/gateway.js';

export const OSLO = '958935420';
/** A Friday at noon. */
export const NOON = Date.parse('2026-11-27T12:00:00.000Z');

/** A machine of Oslo with these scopes. */
export const machine = (...scopes: string[]): MachineHolder => ({ orgnr: OSLO, scopes });
export const CONTACT = 'krr:global/kontaktinformasjon.read';
export const MAILBOX = 'krr:global/digitalpost.read';
export const LEVEL = 'global/idporten.authlevel.read';

/** A gateway with its register at hand, at a moment that stands still. */
export interface Registry {
  readonly gateway: RunningGateway;
  readonly parts: IdportenParts;
  /** Persons of no register, each time others. */
  persons(count: number): PersonNumber[];
  /** Keeps persons as lines say. */
  keep(...lines: readonly Readonly<Record<string, string>>[]): Promise<void>;
  login(person: PersonNumber, acr: string, daysAgo: number): Promise<void>;
  post(path: string, body: unknown, holder?: MachineHolder | null): Promise<Answer>;
  /** A request of a person who has logged in. */
  asPerson(
    person: PersonNumber,
    method: string,
    ask?: {
      readonly body?: unknown;
      readonly scopes?: readonly string[];
      readonly acr?: string;
      readonly accept?: string;
      readonly query?: string;
    },
  ): Promise<Answer>;
}

export async function openRegistry(t: { teardown(end: () => unknown): void }): Promise<Registry> {
  const clock = (): number => NOON;
  const gateway = await runGateway(t, {}, clock);
  const { access: parts, close } = await openAccess(gateway.config, clock, false);
  t.teardown(close);
  let taken = 0;
  return {
    gateway,
    parts,
    persons(count) {
      taken += count;
      return newPersons(taken, gateway.world).slice(-count);
    },
    async keep(...lines) {
      const rows = lines.map((fields, i) => ({ line: i + 1, fields }));
      const onFault = (fault: object): never => {
        throw new TypeError(JSON.stringify(fault));
      };
      await importContacts(parts, operatorRequest(), rows, { onFault });
    },
    login(person, acr, daysAgo) {
      const service = { clientId: 'test', orgnr: OSLO as never, name: 'Test' };
      return recordLogin(
        parts,
        { loginHistoryDays: 1096 },
        { person, acr, amr: ['BankID'], service, at: toInstant(NOON - daysAgo * DAY_MS) },
      );
    },
    post: (path, body, holder = machine(CONTACT)) => gateway.send(holder, 'POST', path, body),
    async asPerson(
      person,
      method,
      { body, scopes = ['openid', 'krr:user/kontaktinformasjon.read'], acr = 'idporten-loa-substantial', accept, query = '' } = {},
    ) {
      const { origin, keys } = gateway;
      const claims = personClaims({ issuer: `${origin}/idporten`, audience: origin, pid: person, clientId: 'app', acr, scopes });
      const token = await keys.sign(claims, { expiresInSeconds: 600, now: NOON });
      const headers = {
        Authorization: `Bearer ${token}`,
        ...(accept && { Accept: accept }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      };
      return gateway.get(`/rest/v1/person${query}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      } as RequestInit);
    },
  };
}
