import type { Orgnr } from '#domain';
import type { AccessPackage, PackageTerms, Resource, ResourceTerms } from '#systembruker';

/** Services and packages, in the form that `tilgang resources import` reads. */
export interface DemoCatalogue {
  readonly resources: readonly ({ readonly id: string } & ResourceTerms)[];
  readonly packages: readonly ({ readonly name: string } & PackageTerms)[];
}

// Real organisations; their numbers are public.
/** The tax administration, which owns most of the services. */
export const SKATTEETATEN = '974761076' as Orgnr;
/** The register centre, which owns the rest. */
export const BRREG = '974760673' as Orgnr;

/** A name that is the same in all languages. */
export const inAll = (text: string): Resource['title'] => ({ nb: text, nn: text, en: text });

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

const SERVICES = [
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
] as unknown as DemoCatalogue['resources'];

const PACKAGES = [
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
  packageOf('revisormedarbeider', { nb: 'Revisormedarbeider', nn: 'Revisormedarbeidar', en: 'Audit staff' }, ['arsregnskap'], 'delegable'),
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
] as DemoCatalogue['packages'];

/** Services of every type, what can stand in the way of giving them, and the packages of those who act for clients. @param chosen who alone may have one of them */
export function demoCatalogue(chosen: Orgnr): DemoCatalogue {
  const trial = service(
    'forsok-kassasystem',
    'Default',
    SKATTEETATEN,
    { nb: 'Forsøk med kassasystem', nn: 'Forsøk med kassasystem', en: 'Trial of tills' },
    {
      onlyFor: [chosen],
    },
  ) as DemoCatalogue['resources'][number];
  return { resources: [...SERVICES, trial], packages: PACKAGES };
}
