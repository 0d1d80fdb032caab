import { actorOf, asRefusal, inTurns } from '#access';
import type { Rule } from '#decisions';
import { type Orgnr, present, toInstant } from '#domain';
import { asAdmin, type SystembrukerCaller } from '../administer/caller.js';
import { standingOf } from '../administer/leave.js';
import { type FaultCode, SystembrukerFault } from '../faults.js';
import { packageUrn } from '../names.js';
import type { PackageName, Resource, ResourceId, Right, Rights, SystemUser } from '../nouns.js';
import type { SystembrukerParts } from '../parts.js';
import { knownOf } from './known.js';
import type { Known } from './rights.js';
import { NOBODYS } from './standing.js';

/** Why something cannot be given, as policies/systembruker/delegation says it; the most telling first. */
export const DELEGATION_REASONS = [
  'package_unknown',
  'package_not_assignable',
  'package_not_for_agents',
  'resource_unknown',
  'action_unknown',
  'resource_type_unfit',
  'resource_not_delegable',
  'resource_not_for_party',
  'role_missing',
  'security_level_too_low',
] as const;
/** One of them. */
export type DelegationReason = (typeof DELEGATION_REASONS)[number];

/** A right or a package that cannot be given, and one reason why. */
export interface DelegationFault {
  readonly right?: Right;
  readonly package?: PackageName;
  /** Which of its services, if it is about one. */
  readonly resource?: ResourceId;
  readonly reason: DelegationReason;
}

/** What is to be given to a system user, and whose it is. */
export interface Giving extends Rights {
  readonly type: SystemUser['type'];
  readonly party: Orgnr;
}

type ItemFaults = readonly { readonly reason: DelegationReason; readonly resource: string }[];

const FAULTS: Rule<readonly ItemFaults[]> = { entrypoint: 'systembruker/delegation/faults', isAnswer: isFaults, isLogged: true };

/**
 * What of it the caller could not give; empty if all. An agent gets what its clients give, so whoever answers for it needs nothing of it.
 * @param caller absent: what nobody of the customer could ever give, which is told to the vendor that asks
 * @throws ProblemError `evaluation-failed`
 */
export async function delegationFaults(
  parts: Pick<SystembrukerParts, 'store' | 'judge' | 'clock'>,
  { type, party, rights, packages }: Giving,
  caller?: SystembrukerCaller,
): Promise<readonly DelegationFault[]> {
  const { store, judge } = parts;
  if (rights.length === 0 && packages.length === 0) return [];
  const known = await knownOf(store, [{ rights, packages }]);
  const told = toldOf(known, party);
  const asked = {
    purpose: caller === undefined ? 'ask' : 'give',
    type,
    person: caller === undefined ? undefined : await personOf(parts, caller, party),
    context: { time: toInstant(parts.clock()) },
  };
  const items: readonly Item[] = [
    ...rights.map(({ action, resources }) => ({ kind: 'right', action, resources: resources.map(told) })),
    ...packages.map((name) => {
      const found = known.packages.get(name);
      const { active = false, assignable = false, delegable = false, resources = [] } = found ?? {};
      return { kind: 'package', package: { exists: found !== undefined, active, assignable, delegable }, resources: resources.map(told) };
    }),
  ];
  const asker = caller === undefined ? 'nobody' : { requestedBy: actorOf(asAdmin(caller)) };
  const answers = await inTurns(judgedTogether(items), async (some) => {
    const isWhole = ({ length }: readonly ItemFaults[]): boolean => length === some.length;
    return (await judge.ask(FAULTS, { ...asked, items: some }, isWhole, asker)).answer;
  });
  const answer = answers.flat();
  return answer.flatMap((found, at) =>
    found.map(({ reason, resource }) => {
      const right = rights[at];
      const about = right === undefined ? { package: packages[at - rights.length] as PackageName } : { right };
      return present({ ...about, reason, resource: resource === '' ? undefined : (resource as ResourceId) });
    }),
  );
}

interface Item {
  readonly kind: string;
  readonly resources: readonly object[];
}

/** So many services are judged at once; packages have many, and each item is judged by itself. */
const MOST_TOGETHER = 300;

function judgedTogether(items: readonly Item[]): readonly (readonly Item[])[] {
  const some: Item[][] = [];
  let size = MOST_TOGETHER;
  for (const item of items) {
    size += item.resources.length;
    if (size > MOST_TOGETHER) {
      some.push([]);
      size = item.resources.length;
    }
    some.at(-1)?.push(item);
  }
  return some;
}

/** What the rules are told of a service. */
function toldOf({ resources }: Known, party: Orgnr) {
  return (id: ResourceId) => {
    const found = resources.get(id);
    if (found === undefined) return { id, exists: false };
    const { type, active, delegable, actions, givenBy, level, onlyFor }: Resource = found;
    return { id, exists: true, type, active, delegable, actions, givenBy, level, forParty: onlyFor?.includes(party) ?? true };
  };
}

/** How whoever gives stands in the organisation; the operator stands nowhere. */
async function personOf(parts: Pick<SystembrukerParts, 'store'>, caller: SystembrukerCaller, party: Orgnr): Promise<object> {
  if (caller.kind !== 'person' && caller.kind !== 'citizen') return { kind: caller.kind };
  const { assignments } = await standingOf(parts, caller, party);
  return { kind: caller.kind, acr: caller.acr, assignments };
}

/** By which code Altinn says it when the customer answers. */
const CODES: Readonly<Record<DelegationReason, FaultCode>> = {
  package_unknown: 'AUTH-00063',
  package_not_assignable: 'AUTH-00064',
  package_not_for_agents: 'AUTH-00065',
  resource_unknown: 'AUTH-00014',
  action_unknown: 'AUTH-00014',
  resource_type_unfit: 'AUTH-00071',
  resource_not_delegable: 'AUTH-00070',
  resource_not_for_party: 'AUTH-00019',
  role_missing: 'AUTH-00016',
  security_level_too_low: 'AUTH-00020',
};

const WORDS: Readonly<Record<DelegationReason, string>> = {
  package_unknown: 'there is no such package any more',
  package_not_assignable: 'the package is for agents alone',
  package_not_for_agents: 'the package is not for agents',
  resource_unknown: 'there is no such service any more',
  action_unknown: 'the service has no such action',
  resource_type_unfit: 'a service of this type is given to no system user',
  resource_not_delegable: 'the service can be given to nobody',
  resource_not_for_party: 'its owner lets other organisations have it alone',
  role_missing: 'it takes another role in the organisation to give it',
  security_level_too_low: 'it takes a login at a higher level to give it',
};

/** That somebody cannot give something: what, and why. */
export class NotGivable extends SystembrukerFault {
  readonly faults: readonly DelegationFault[];

  constructor(code: FaultCode, faults: readonly DelegationFault[]) {
    super(code, toldFaults(faults));
    this.faults = faults;
  }
}

/** Holds that the person can give all of it. @throws NotGivable that names each right and package with its reason */
export async function assertGivable(
  parts: Pick<SystembrukerParts, 'store' | 'judge' | 'clock'>,
  giving: Giving,
  caller: SystembrukerCaller,
): Promise<void> {
  const faults = await delegationFaults(parts, giving, caller);
  const [first] = faults;
  if (first === undefined) return;
  const code = first.package === undefined || first.reason.startsWith('package_') ? CODES[first.reason] : 'AUTH-00053';
  throw asRefusal(new NotGivable(code, faults));
}

/** Holds that somebody of the customer could give it: so that the vendor hears of it, and not the customer. @throws SystembrukerFault */
export async function assertEverGivable(parts: Pick<SystembrukerParts, 'store' | 'judge' | 'clock'>, giving: Giving): Promise<void> {
  const faults = await delegationFaults(parts, giving);
  const [first] = faults;
  if (first === undefined) return;
  // As Altinn tells a vendor: of services by one code, whatever the reason.
  throw new SystembrukerFault(first.reason.startsWith('package_') ? CODES[first.reason] : 'AUTH-00001', toldFaults(faults));
}

/** Those of the services that are of a type which is given to no system user, whoever asks. @throws ProblemError `evaluation-failed` */
export async function neverGiven(
  parts: Pick<SystembrukerParts, 'store' | 'judge' | 'clock'>,
  ids: readonly ResourceId[],
): Promise<readonly ResourceId[]> {
  const rights = ids.map((id) => ({ resources: [id] }));
  const faults = await delegationFaults(parts, { type: 'standard', party: NOBODYS, rights, packages: [] });
  return faults.flatMap(({ reason, resource }) => (reason === 'resource_type_unfit' && resource !== undefined ? [resource] : []));
}

/** Names each that cannot be given, with its reason. What is named is in the system's list. */
function toldFaults(faults: readonly DelegationFault[]) {
  const rights = [
    ...new Set(faults.flatMap(({ right, resource }) => (right === undefined ? [] : [resource ?? right.resources.join(' ')]))),
  ];
  const packages = [...new Set(faults.flatMap((fault) => fault.package ?? []))];
  return {
    detail: `${faults.map(inWords).join('; ')}.`,
    extensions: present({
      NotDelegableRights: rights.length === 0 ? undefined : rights.join(', '),
      NotDelegablePackages: packages.length === 0 ? undefined : packages.map(packageUrn).join(', '),
    }) as Readonly<Record<string, string>>,
  };
}

function inWords({ package: name, resource, reason }: DelegationFault): string {
  const what = [...(name === undefined ? [] : [packageUrn(name)]), ...(resource === undefined ? [] : [resource])];
  return `${what.join(', ')}: ${WORDS[reason]}`;
}

function isFaults(value: unknown): value is readonly ItemFaults[] {
  return Array.isArray(value) && value.every((one) => Array.isArray(one) && one.every(isItemFault));
}

function isItemFault(value: unknown): boolean {
  const { reason, resource } = (value ?? {}) as { readonly reason?: unknown; readonly resource?: unknown };
  return typeof resource === 'string' && (DELEGATION_REASONS as readonly unknown[]).includes(reason);
}
