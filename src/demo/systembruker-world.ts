import type { Orgnr, PersonNumber } from '#domain';
import type { SentRequest, SentSystem, SystemId } from '#systembruker';
import { type DemoCatalogue, demoCatalogue, inAll } from './systembruker-catalogue.js';

/** What the systembruker side of the demo is filled with. */
export interface DemoSystembruker extends DemoCatalogue {
  readonly systems: readonly SentSystem[];
  /** What the register says of whose clients businesses are. */
  readonly relations: readonly { readonly provider: Orgnr; readonly client: Orgnr; readonly packages: readonly string[] }[];
  /** What vendors have asked for; who has approved it, if somebody has, and for which clients it acts. */
  readonly asked: readonly {
    readonly sent: SentRequest;
    readonly approvedBy?: PersonNumber;
    readonly clients?: readonly Orgnr[];
  }[];
}

/** Businesses of the demo world that have a part in it, and those of them who answer. */
export interface DemoBusinesses {
  readonly vendor: Orgnr;
  readonly otherVendor: Orgnr;
  readonly customer: Orgnr;
  readonly accountant: Orgnr;
  /** A client of the accountant's, beside the customer. */
  readonly client: Orgnr;
  readonly customerLeader: PersonNumber;
  readonly accountantLeader: PersonNumber;
  /** Who alone may have one of the services. */
  readonly chosen: Orgnr;
}

/** The systembruker side of the demo world, among those businesses: a request that waits, a system user in use, and an agent with a client. */
export function demoSystembruker(among: DemoBusinesses): DemoSystembruker {
  const { vendor, otherVendor, customer, accountant, client, customerLeader, accountantLeader } = among;
  const accounting = 'regnskapsforer-uten-signeringsrettighet';
  const books = systemOf(vendor, 'regnskap123', 'Regnskap 123', ['mva', 'arsregnskap', 'app_skd_skattemelding'], ['skattnaering']);
  const bureau = { ...systemOf(vendor, 'byra123', 'Byrå 123', [], [accounting, 'regnskapsforer-lonn']), clientIds: ['bedriftshjelp-byra'] };
  const others = systemOf(otherVendor, 'bok', 'Bok', ['mva', 'arsregnskap', 'a-melding'], []);
  return {
    ...demoCatalogue(among.chosen),
    systems: [
      { ...books, clientIds: ['bedriftshjelp'], redirectUrls: ['https://bedriftshjelp.example/kvittering'] },
      { ...bureau, isVisible: false },
      { ...others, clientIds: ['nye-tall'] },
    ],
    relations: [customer, client].map((one) => ({ provider: accountant, client: one, packages: [accounting] })),
    asked: [
      { sent: { ...askedOf(books, customer, ['mva', 'arsregnskap']), title: 'Regnskap og MVA' } },
      { sent: { ...askedOf(others, customer, ['a-melding']), externalRef: 'lonn', title: 'Lønn' }, approvedBy: customerLeader },
      {
        sent: { ...askedOf(bureau, accountant, [], [accounting]), type: 'agent', title: 'Byrå' },
        approvedBy: accountantLeader,
        clients: [customer],
      },
    ],
  };
}

function systemOf(vendor: Orgnr, id: string, name: string, services: readonly string[], packages: readonly string[]): SentSystem {
  return {
    id: `${vendor}_${id}`,
    vendor: `0192:${vendor}`,
    name: inAll(name),
    description: {
      nb: 'Fører regnskapet og sender inn oppgavene.',
      nn: 'Fører rekneskapen og sender inn oppgåvene.',
      en: 'Keeps the books and submits the returns.',
    },
    rights: services.map((value) => ({ resource: [{ id: 'urn:altinn:resource', value }] })),
    packages: packages.map((one) => `urn:altinn:accesspackage:${one}`),
    clientIds: [],
    redirectUrls: [],
    isVisible: true,
  };
}

function askedOf({ id }: SentSystem, party: Orgnr, services: readonly string[], packages: readonly string[] = []): SentRequest {
  const rights = services.map((one) => ({ resources: [one] }));
  return { type: 'standard', systemId: id as SystemId, party, rights, packages } as unknown as SentRequest;
}
