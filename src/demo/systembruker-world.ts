import type { Orgnr, PersonNumber } from '#domain';
import type { AccessPackage, PackageTerms, Resource, ResourceTerms, SentRequest, SentSystem, SystemId } from '#systembruker';

/** Services and packages, in the form that `tilgang resources import` reads. */
export interface DemoCatalogue {
  readonly resources: readonly ({ readonly id: string } & ResourceTerms)[];
  readonly packages: readonly ({ readonly name: string } & PackageTerms)[];
}

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

// Real organisations; their numbers are public.
/** The tax administration, which owns most of the services. */
export const SKATTEETATEN = '974761076' as Orgnr;
/** The register centre, which owns the rest. */
export const BRREG = '974760673' as Orgnr;

const inAll = (text: string): Resource['title'] => ({ nb: text, nn: text, en: text });

type Otherwise = Partial<Pick<Resource, 'delegable' | 'givenBy' | 'level' | 'onlyFor'>>;

/** What can be done there, for those who have no text of their own. */
const HANDED_IN = {
  nb: 'Sende inn, og se det som er sendt inn før.',
  nn: 'Sende inn, og sjå det som er sendt inn før.',
  en: 'Hand in, and see what was handed in before.',
};
const DESCRIPTIONS: Readonly<Record<string, Resource['description']>> = {
  mva: {
    nb: 'Sende inn MVA-meldinger, og se det som er sendt inn før.',
    nn: 'Sende inn MVA-meldingar, og sjå det som er sendt inn før.',
    en: 'Hand in VAT returns, and see what was handed in before.',
  },
  arsregnskap: {
    nb: 'Sende inn årsregnskapet, og se det som er sendt inn før.',
    nn: 'Sende inn årsrekneskapen, og sjå det som er sendt inn før.',
    en: 'Hand in the annual accounts, and see what was handed in before.',
  },
};
/** What a package is for. */
const PACKAGE_OF = {
  assignable: { nb: 'Det virksomheten trenger selv.', nn: 'Det verksemda treng sjølv.', en: 'What the business needs itself.' },
  delegable: { nb: 'Det som trengs for kunder.', nn: 'Det som trengst for kundar.', en: 'What it takes for clients.' },
};

function service(id: string, type: Resource['type'], owner: Orgnr, title: Resource['title'], otherwise: Otherwise = {}) {
  return {
    id,
    type,
    owner,
    title,
    description: DESCRIPTIONS[id] ?? HANDED_IN,
    actions: ['read', 'write', 'sign'],
    delegable: true,
    active: true,
    ...otherwise,
  };
}

function packageOf(name: string, title: Resource['title'], resources: readonly string[], kind: 'assignable' | 'delegable') {
  const ids = resources as AccessPackage['resources'];
  return {
    name,
    title,
    description: PACKAGE_OF[kind],
    resources: ids,
    assignable: kind === 'assignable',
    delegable: kind === 'delegable',
    active: true,
  };
}

const MVA = { nb: 'Merverdiavgift', nn: 'Meirverdiavgift', en: 'Value added tax' };
const ARSREGNSKAP = { nb: 'Årsregnskap', nn: 'Årsrekneskap', en: 'Annual accounts' };
const SKATTEMELDING = { nb: 'Skattemelding for næringsdrivende', nn: 'Skattemelding for næringsdrivande', en: 'Tax return for businesses' };

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

/** Services of every type, what can stand in the way of giving them, and the packages of those who act for clients. @param chosen who alone may have one of them */
function demoCatalogue(chosen: Orgnr): DemoCatalogue {
  return {
    resources: [
      service('mva', 'Default', SKATTEETATEN, MVA),
      service('arsregnskap', 'Default', BRREG, ARSREGNSKAP),
      service('app_skd_skattemelding', 'AltinnApp', SKATTEETATEN, SKATTEMELDING),
      service('app_brg_aksjonaerregister', 'MigratedApp', BRREG, inAll('Aksjonærregisteroppgave')),
      service('a-melding', 'Systemresource', SKATTEETATEN, inAll('A-melding')),
      service('skatt-post', 'CorrespondenceService', SKATTEETATEN, { nb: 'Post fra skatt', nn: 'Post frå skatt', en: 'Letters about tax' }),
      service('skatt-filer', 'BrokerService', SKATTEETATEN, {
        nb: 'Store filer til skatt',
        nn: 'Store filer til skatt',
        en: 'Large files for tax',
      }),
      service(
        'foretaksregister',
        'GenericAccessResource',
        BRREG,
        { nb: 'Endre foretaket', nn: 'Endre føretaket', en: 'Change the business' },
        {
          givenBy: 'organisasjonsadministrator',
        },
      ),
      service(
        'lonn-og-trekk',
        'Default',
        SKATTEETATEN,
        { nb: 'Lønn og trekk', nn: 'Løn og trekk', en: 'Wages and deductions' },
        { level: 'high' },
      ),
      service(
        'forsok-kassasystem',
        'Default',
        SKATTEETATEN,
        { nb: 'Forsøk med kassasystem', nn: 'Forsøk med kassasystem', en: 'Trial of tills' },
        {
          onlyFor: [chosen],
        },
      ),
      service(
        'egenerklaering',
        'Default',
        SKATTEETATEN,
        { nb: 'Egenerklæring', nn: 'Eigenerklæring', en: 'Declaration of one’s own' },
        {
          delegable: false,
        },
      ),
      service('skd-innsyn', 'MaskinportenSchema', SKATTEETATEN, {
        nb: 'Innsyn for maskiner',
        nn: 'Innsyn for maskiner',
        en: 'Insight for machines',
      }),
      service('rf-1167', 'Altinn2Service', SKATTEETATEN, { nb: 'Næringsoppgave 2', nn: 'Næringsoppgåve 2', en: 'Income statement 2' }),
      service('samtykke-laan', 'Consent', SKATTEETATEN, { nb: 'Samtykke til lån', nn: 'Samtykke til lån', en: 'Consent for a loan' }),
    ] as DemoCatalogue['resources'],
    packages: [
      packageOf(
        'skattnaering',
        { nb: 'Skatt næring', nn: 'Skatt næring', en: 'Tax for businesses' },
        ['mva', 'app_skd_skattemelding'],
        'assignable',
      ),
      packageOf(
        'regnskap-okonomi-rapport',
        { nb: 'Regnskap og rapporter', nn: 'Rekneskap og rapportar', en: 'Accounts and reports' },
        ['arsregnskap'],
        'assignable',
      ),
      packageOf(
        'ansvarlig-revisor',
        { nb: 'Ansvarlig revisor', nn: 'Ansvarleg revisor', en: 'Responsible auditor' },
        ['arsregnskap', 'app_skd_skattemelding'],
        'delegable',
      ),
      packageOf(
        'revisormedarbeider',
        { nb: 'Revisormedarbeider', nn: 'Revisormedarbeidar', en: 'Audit staff' },
        ['arsregnskap'],
        'delegable',
      ),
      packageOf(
        'regnskapsforer-med-signeringsrettighet',
        { nb: 'Regnskapsfører med signeringsrettighet', nn: 'Rekneskapsførar med signeringsrett', en: 'Accountant who may sign' },
        ['mva', 'arsregnskap', 'app_skd_skattemelding'],
        'delegable',
      ),
      packageOf(
        'regnskapsforer-uten-signeringsrettighet',
        { nb: 'Regnskapsfører uten signeringsrettighet', nn: 'Rekneskapsførar utan signeringsrett', en: 'Accountant who may not sign' },
        ['mva', 'arsregnskap'],
        'delegable',
      ),
      packageOf(
        'regnskapsforer-lonn',
        { nb: 'Regnskapsfører lønn', nn: 'Rekneskapsførar løn', en: 'Accountant, wages' },
        ['a-melding', 'lonn-og-trekk'],
        'delegable',
      ),
      packageOf(
        'forretningsforer-eiendom',
        { nb: 'Forretningsfører eiendom', nn: 'Forretningsførar eigedom', en: 'Property manager' },
        ['mva', 'skatt-post'],
        'delegable',
      ),
    ] as DemoCatalogue['packages'],
  };
}
