import type { Config } from '#config';
import { syntheticPersonNumber } from '#demo';
import { type Answer, type Holder, type RunningGateway, runGateway } from '../../fixtures/gateway.js';

export const OSLO = '958935420';
export const BASE = '/konsument-bruker/api/v1/organisasjoner';
export const UNKNOWN_APP = '00000000-0000-4000-8000-000000000000';
export const SOMEBODY = 'A'.repeat(43);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const leader: Holder = { person: 'oslo-leder' };
export const keeper: Holder = { person: 'oslo-tilgang' };
export const activator: Holder = { person: 'oslo-applikasjon' };
export const machine: Holder = { client: 'oslo' };
export const bergen: Holder = { person: 'bergen-leder' };

type Headers = Readonly<Record<string, string>>;

/** A gateway whose clock the test turns, seen from the office of Oslo's administrators. */
export interface Office {
  readonly gateway: RunningGateway;
  /** Applications that every kommune has switched on; roles `use` and `saksbehandler`. */
  readonly smittevern: string;
  readonly byggesak: string;
  readonly bergenOrgnr: string;
  now(): number;
  /** Lets time pass. */
  pass(ms: number): void;
  /** The moment in so many milliseconds, as RFC 3339. */
  moment(inMs?: number): string;
  appNamed(name: string): string;
  /** The number of the demo world's person or administrator. */
  numberOf(id: string): string;
  /** A person whom nobody knows yet. */
  stranger(): string;
  send(holder: Holder | null, method: string, path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  /** Gives in Oslo, by its leader; answers what was answered. */
  give(appId: string, brukerIdent: string, terms?: object, holder?: Holder): Promise<Answer>;
  appoint(id: string, terms: object, holder?: Holder): Promise<Answer>;
  /** The organisation numbers that the application is told. */
  told(appId: string, brukerIdent: string): Promise<string[]>;
  /** All events that the query gives, page by page. */
  events(query?: string, holder?: Holder, orgnr?: string): Promise<Event[]>;
}

export interface Event {
  readonly id: string;
  readonly tidspunkt: string;
  readonly handling: string;
  readonly aktor: string;
  readonly paaVegneAv?: string;
  readonly begrunnelse?: string;
  readonly forespoersel?: string;
  readonly appId?: string;
  readonly brukerId?: string;
  readonly foer?: Readonly<Record<string, unknown>>;
  readonly etter?: Readonly<Record<string, unknown>>;
}

interface Ending {
  teardown(end: () => unknown): void;
}

export async function openOffice(t: Ending, more: Partial<Config> = {}): Promise<Office> {
  let now = Date.parse('2026-03-02T09:00:00.000Z');
  const gateway = await runGateway(t, more, () => now);
  const { world } = gateway;
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (holder: Holder): Promise<string> => {
    const name = `${JSON.stringify(holder)} ${Math.floor(now / (HOUR / 2))}`;
    const token = tokens.get(name) ?? gateway.tokenOf(holder);
    tokens.set(name, token);
    return token;
  };
  const appNamed = (name: string): string => {
    const found = world.applications.find((one) => one.name.nb === name);
    if (found === undefined) throw new TypeError(`no application ${name}`);
    return found.id;
  };
  const numberOf = (id: string): string => {
    const found = [...world.persons, ...world.administrators].find((one) => one.id === id);
    if (found === undefined) throw new TypeError(`no person ${id}`);
    return found.brukerIdent;
  };
  const taken = new Set<string>([...world.persons, ...world.administrators].map(({ brukerIdent }) => brukerIdent));
  let seed = 1;
  const random = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const office: Office = {
    gateway,
    smittevern: appNamed('Smittevernmelding'),
    byggesak: appNamed('Byggesaksinnsyn'),
    bergenOrgnr: world.administrators.find(({ id }) => id === 'bergen-leder')?.orgnr ?? '',
    now: () => now,
    pass(ms) {
      now += ms;
    },
    moment: (inMs = 0) => new Date(now + inMs).toISOString(),
    appNamed,
    numberOf,
    stranger() {
      for (;;) {
        const number = syntheticPersonNumber(random);
        if (taken.has(number)) continue;
        taken.add(number);
        return number;
      }
    },
    async send(holder, method, path, body, headers = {}) {
      const authorization: Headers = holder === null ? {} : { Authorization: `Bearer ${await tokenOf(holder)}` };
      return gateway.send(null, method, path, body, { ...authorization, ...headers });
    },
    give: (appId, brukerIdent, terms = {}, holder = leader) => office.send(holder, 'POST', grantsOf(appId), { brukerIdent, ...terms }),
    appoint: (id, terms, holder = leader) =>
      office.send(holder, 'POST', `${BASE}/${OSLO}/administratorer`, { brukerIdent: numberOf(id), ...terms }),
    async told(appId, brukerIdent) {
      const tilbyder = world.applications.find(({ id }) => id === appId)?.tilbyder;
      const client = world.clients.find(({ orgnr, supplierOrgnr }) => orgnr === tilbyder && supplierOrgnr === undefined);
      const answer = await gateway.ask(appId, { brukerIdent }, { token: await tokenOf({ client: client?.id ?? '' }) });
      if (answer.status !== 200) throw new Error(`the Tilgang API answered ${answer.status} ${answer.text}`);
      return (answer.json.tilganger as { orgnr: string }[]).map(({ orgnr }) => orgnr).sort();
    },
    async events(query = '', holder = leader, orgnr = OSLO) {
      const found: Event[] = [];
      for (let markor: string | undefined; ; ) {
        const cursor = markor === undefined ? '' : `&markor=${encodeURIComponent(markor)}`;
        const { status, json, text } = await office.send(holder, 'GET', `${BASE}/${orgnr}/hendelser?${query}${cursor}`);
        if (status !== 200) throw new Error(`hendelser answered ${status} ${text}`);
        found.push(...json.hendelser);
        markor = json.neste;
        if (markor === undefined) return found;
      }
    },
  };
  return office;
}

export function grantsOf(appId: string, orgnr = OSLO): string {
  return `${BASE}/${orgnr}/applikasjoner/${appId}/brukere`;
}

export function activationOf(appId: string, orgnr = OSLO): string {
  return `${BASE}/${orgnr}/applikasjoner/${appId}/aktivering`;
}

export function administratorsOf(orgnr = OSLO): string {
  return `${BASE}/${orgnr}/administratorer`;
}

export function ifMatch(answer: Answer): Headers {
  return { 'If-Match': answer.headers.get('etag') ?? '' };
}

export const WHATEVER: Headers = { 'If-Match': '*' };

/** Status and problem of an answer, such as `409 grant-exists`; only the status if it went well. */
export function said({ status, json }: Answer): string {
  return typeof json?.type === 'string' ? `${status} ${json.type.replace('/problems/', '')}` : String(status);
}

/** The fields that are to blame. */
export function pointers({ json }: Answer): string[] {
  return (json?.errors ?? []).map(({ pointer, parameter }: { pointer: string; parameter?: string }) => parameter ?? pointer);
}

/** Replaces the last digit with a wrong one. */
export function misspelt(number: string): string {
  return number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10);
}
