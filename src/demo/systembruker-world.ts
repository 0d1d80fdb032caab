import type { Orgnr } from '#domain';
import type { AccessPackage, PackageTerms, Resource, ResourceTerms } from '#systembruker';

/** What the systembruker side of the demo is filled with, in the form that `tilgang resources import` reads. */
export interface DemoSystembruker {
  readonly resources: readonly ({ readonly id: string } & ResourceTerms)[];
  readonly packages: readonly ({ readonly name: string } & PackageTerms)[];
}

// Real organisations; their numbers are public.
const SKATTEETATEN = '974761076' as Orgnr;
const BRREG = '974760673' as Orgnr;

const inAll = (text: string): Resource['title'] => ({ nb: text, nn: text, en: text });

type Otherwise = Partial<Pick<Resource, 'delegable' | 'givenBy' | 'level' | 'onlyFor'>>;

function service(id: string, type: Resource['type'], owner: Orgnr, title: Resource['title'], otherwise: Otherwise = {}) {
  return { id, type, owner, title, description: title, actions: ['read', 'write', 'sign'], delegable: true, active: true, ...otherwise };
}

function packageOf(name: string, title: Resource['title'], resources: readonly string[], kind: 'assignable' | 'delegable') {
  const ids = resources as AccessPackage['resources'];
  return {
    name,
    title,
    description: title,
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
] as unknown as DemoSystembruker['resources'];

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
] as DemoSystembruker['packages'];

/** Services of every type, what can stand in the way of giving them, and the packages of those who act for clients. @param chosen who alone may have one of them */
export function demoSystembruker(chosen: Orgnr): DemoSystembruker {
  const trial = service(
    'forsok-kassasystem',
    'Default',
    SKATTEETATEN,
    { nb: 'Forsøk med kassasystem', nn: 'Forsøk med kassasystem', en: 'Trial of tills' },
    {
      onlyFor: [chosen],
    },
  ) as DemoSystembruker['resources'][number];
  return { resources: [...SERVICES, trial], packages: PACKAGES };
}
