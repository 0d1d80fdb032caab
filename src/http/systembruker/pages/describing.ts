import type { Orgnr } from '#domain';
import type {
  DelegationFault,
  DelegationReason,
  Described,
  RequestStatus,
  Resource,
  Right,
  Rights,
  System,
  SystemId,
  SystemUser,
  Texts,
} from '#systembruker';
import { LANGUAGES } from '../../pages/index.js';
import type {
  FailureReason,
  FailureWords,
  NamedOrganisation,
  PackageWords,
  RequestStanding,
  RightsWords,
  ServiceWords,
  SystemWords,
} from './views.js';

/** An organisation by its name, or by its number if it is not registered here. */
export function named({ names }: Pick<Described, 'names'>, orgnr: Orgnr): NamedOrganisation {
  return { orgnr, name: names.get(orgnr) ?? orgnr };
}

/** How forms name a right: the same for the same services and action. */
export function keyOf({ action, resources }: Right): string {
  return [[...resources].sort().join('+'), ...(action === undefined ? [] : [action])].join(':');
}

/** Rights in words. */
export function rightsWords(described: Described, { rights, packages }: Rights): RightsWords {
  return {
    services: rights.map((right) => serviceWords(described, right)),
    packages: packages.map((name) => packageWords(described, name)),
  };
}

function serviceWords(described: Described, right: Right): ServiceWords {
  const key = keyOf(right);
  const found = right.resources.flatMap((id) => described.resources.get(id) ?? []);
  const [first] = found;
  const actions = right.action === undefined ? [...new Set(found.flatMap((one) => one.actions))] : [right.action];
  if (first === undefined) return { key, actions };
  const [title, description] = [
    together(found.map((one) => one.title)),
    together(
      found.map((one) => one.description),
      ' ',
    ),
  ];
  return { key, title, description, owner: named(described, first.owner).name, actions };
}

/** Texts of what is given together. */
function together(texts: readonly Texts[], between?: string): Texts {
  const [nb, nn, en] = LANGUAGES.map((language) => {
    const own = texts.map((text) => text[language]);
    return between === undefined ? new Intl.ListFormat(language, { type: 'conjunction' }).format(own) : own.join(between);
  }) as [string, string, string];
  return { nb, nn, en };
}

function packageWords({ packages, resources }: Described, name: Rights['packages'][number]): PackageWords {
  const found = packages.get(name);
  if (found === undefined) return { key: name, services: [] };
  const { title, description } = found;
  return { key: name, title, description, services: found.resources.flatMap((id) => resources.get(id)?.title ?? []) };
}

/** What rights are about, by their names alone. */
export function titlesOf(words: RightsWords): readonly (Texts | string)[] {
  return [...words.packages, ...words.services].map(({ title, key }) => title ?? key);
}

/** A system by its id, also of one that is gone. */
export function systemWords(described: Described, { systemId, vendor }: Pick<SystemUser, 'systemId' | 'vendor'>): SystemWords {
  const found = described.systems.get(systemId);
  return found === undefined ? unknownSystem(described, systemId, vendor) : wordsOf(described, found);
}

/** A system in words. */
export function wordsOf(described: Pick<Described, 'names'>, { id, name, description, vendor, deleted }: System): SystemWords {
  return { id, name, description, vendor: named(described, vendor), isGone: deleted !== undefined };
}

function unknownSystem(described: Described, id: SystemId, vendor: Orgnr): SystemWords {
  return { id, name: { nb: id, nn: id, en: id }, vendor: named(described, vendor), isGone: true };
}

/** How a request stands to whoever is to answer it. */
export function standingOf(status: RequestStatus, { isGone }: SystemWords): RequestStanding {
  if (status === 'New') return isGone ? 'gone' : 'open';
  return ({ Accepted: 'accepted', Rejected: 'rejected', Timedout: 'expired' } as const)[status];
}

const REASONS: Readonly<Record<DelegationReason, FailureReason>> = {
  package_unknown: 'gone',
  package_not_assignable: 'notDelegable',
  package_not_for_agents: 'notDelegable',
  resource_unknown: 'gone',
  action_unknown: 'gone',
  resource_type_unfit: 'notDelegable',
  resource_not_delegable: 'notDelegable',
  resource_not_for_party: 'notForCustomer',
  role_missing: 'role',
  security_level_too_low: 'level',
};

/** What cannot be given, each with the reason. */
export function failureWords(described: Described, faults: readonly DelegationFault[]): readonly FailureWords[] {
  const told = new Map<string, FailureWords>();
  for (const { right, package: name, resource, reason } of faults) {
    const service: Resource | undefined = resource === undefined ? undefined : described.resources.get(resource);
    const of = rightsWords(described, { rights: right === undefined ? [] : [right], packages: name === undefined ? [] : [name] });
    const what = service?.title ?? titlesOf(of)[0] ?? '';
    const why = reason === 'role_missing' && service?.givenBy !== undefined ? 'organisationAdministrator' : REASONS[reason];
    const key = `${resource ?? name ?? (right === undefined ? '' : keyOf(right))} ${why}`;
    if (!told.has(key)) told.set(key, { key, what, why });
  }
  return [...told.values()];
}

/** Of all that is offered, what a form has ticked. */
export function tickedOf(form: URLSearchParams, offered: Rights): Rights {
  const [services, packages] = [new Set(form.getAll('tjeneste')), new Set(form.getAll('pakke'))];
  return {
    rights: offered.rights.filter((right) => services.has(keyOf(right))),
    packages: offered.packages.filter((name) => packages.has(name)),
  };
}

/** The keys of rights, as forms have them. */
export function keysOf({ rights, packages }: Rights): ReadonlySet<string> {
  return new Set([...rights.map(keyOf), ...packages]);
}

/** Both of them, without what stands in both. */
export function bothOf(one: Rights, other: Rights): Rights {
  const known = keysOf(one);
  return {
    rights: [...one.rights, ...other.rights.filter((right) => !known.has(keyOf(right)))],
    packages: [...new Set([...one.packages, ...other.packages])],
  };
}

/** Whether that is nothing. */
export function isNothing({ rights, packages }: Rights): boolean {
  return rights.length + packages.length === 0;
}
