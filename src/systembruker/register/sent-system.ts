import { decodedAddress, Fault, holdsPersonNumber, isFault, type Orgnr, parseFreeText, parseOrgnr, present } from '#domain';
import { type FieldFault, fieldFault } from '../faults.js';
import { packageIn, RESOURCE_URN } from '../names.js';
import { LANGUAGES, type PackageName, type ResourceId, type Right, type Rights, type SystemId, type Texts } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { neverGiven } from '../users/delegation.js';

/** How Altinn names the fields of what is sent to the register. */
export const AT = '/registersystemrequest';

/** A right as it is sent: services are named by an attribute, which is always `urn:altinn:resource`. */
export interface SentRight {
  readonly action?: string;
  readonly resource: readonly { readonly id: string; readonly value: string }[];
}

/** A system as it is sent. */
export interface SentSystem {
  readonly id: string;
  /** `0192:` and an organisation number. */
  readonly vendor: string;
  readonly name: Texts;
  readonly description: Texts;
  readonly rights: readonly SentRight[];
  /** `urn:altinn:accesspackage:<name>`. */
  readonly packages: readonly string[];
  readonly clientIds: readonly string[];
  readonly redirectUrls: readonly string[];
  readonly isVisible: boolean;
}

const MAX_ID = 200;
const MAX_URL = 2000;
const NAME = { maxCodePoints: 255 };
const DESCRIPTION = { maxCodePoints: 2000, hasLines: true };

/** The organisation of an ISO 6523 number. */
export function vendorIn(text: string): Orgnr | undefined {
  const orgnr = parseOrgnr(text.replace(/^0192:/, ''));
  return !text.startsWith('0192:') || isFault(orgnr) ? undefined : orgnr;
}

/** A system's id, if the vendor may give it to one of its own. Faults are added. */
export function soundId(text: string, vendor: Orgnr, faults: FieldFault[]): SystemId | undefined {
  const before = faults.length;
  if (text.slice(0, text.indexOf('_')) !== vendor || text.length < vendor.length + 2)
    faults.push(fieldFault('AUTH.VLD-00001', `${AT}/systemid`));
  const fault = idFault(text);
  if (fault !== undefined) faults.push(fieldFault('AUTH.VLD-00013', `${AT}/systemid`, fault));
  return faults.length === before ? (text as SystemId) : undefined;
}

function idFault(text: string): string | undefined {
  if (/\s/u.test(text)) return 'The id has a blank.';
  const read = parseFreeText(text, { maxCodePoints: MAX_ID });
  return isFault(read) ? `The id ${read.detail}.` : undefined;
}

/** Texts in three languages, as texts must be. Faults are added. @param at the field */
export function soundTexts(texts: Texts, at: 'name' | 'description', faults: FieldFault[]): Texts {
  const sound = (language: keyof Texts): string => {
    const read = parseFreeText(texts[language], at === 'name' ? NAME : DESCRIPTION);
    if (!isFault(read)) return read;
    faults.push(fieldFault('TILGANG.VLD-00000', `${AT}/${at}/${language}`, `${at}.${language} ${read.detail}`));
    return '';
  };
  const [nb, nn, en] = LANGUAGES.map(sound) as [string, string, string];
  return { nb, nn, en };
}

/** Where customers may be sent back to. Faults are added. */
export function soundUrls(urls: readonly string[], faults: FieldFault[]): readonly string[] {
  const wrong = urls.map(urlFault).find((fault) => fault !== undefined);
  if (wrong !== undefined) faults.push(fieldFault('AUTH.VLD-00005', `${AT}/allowedredirecturls`, wrong.detail));
  return urls;
}

function urlFault(text: string): Fault | undefined {
  if (text.length > MAX_URL) return new Fault(`A redirect URL has at most ${MAX_URL} characters.`);
  if (!/^https:\/\/[!-~]+$/i.test(text) || !URL.canParse(text))
    return new Fault('A redirect URL begins with https:// and has a host; other signs than those of ASCII are percent-encoded.');
  const { username, password } = new URL(text);
  if (username !== '' || password !== '' || text.includes('#')) return new Fault('A redirect URL has no user name, password or fragment.');
  return holdsPersonNumber(decodedAddress(text)) ? new Fault('A redirect URL holds no person number.') : undefined;
}

/** The rights and packages that a system is to have, as they are now. Faults are added. */
export async function soundRights(
  parts: SystembrukerParts,
  { rights: sent, packages: urns, isVisible }: Pick<SentSystem, 'rights' | 'packages' | 'isVisible'>,
  faults: FieldFault[],
): Promise<Rights> {
  const rights = sent.map(({ action, resource }) => rightOf(action, resource));
  const names = urns.map((urn) => packageIn(urn) ?? '');
  const { resources, accessPackages } = collectionsOf(parts.store);
  const ids = [...new Set(rights.flatMap((right) => right.resources))].filter(isStoredName);
  const known = [...new Set(names)].filter(isStoredName);
  const [services, packages] = await Promise.all([resources.getMany(ids), accessPackages.getMany(known)]);
  faultsOfRights(sent, rights, new Map(ids.map((id, i) => [id, services[i]?.value])), faults);
  if ((await neverGiven(parts, ids)).length > 0) faults.push(fieldFault('AUTH.VLD-00017', `${AT}/rights/resource`));
  const found = new Map(known.map((name, i) => [name, packages[i]?.value]));
  const at = `${AT}/accesspackages`;
  const given = names.map((name) => found.get(name as PackageName)).filter((one) => one?.active && (one.assignable || one.delegable));
  if (given.length < names.length) faults.push(fieldFault('AUTH.VLD-00008', at));
  if (new Set(names).size < names.length) faults.push(fieldFault('AUTH.VLD-00007', at));
  if (isVisible && given.some((one) => one?.assignable === false)) faults.push(fieldFault('AUTH.VLD-00018', at));
  return { rights, packages: names as PackageName[] };
}

function rightOf(action: string | undefined, resource: SentRight['resource']): Right {
  return present({ action, resources: [...new Set(resource.map(({ value }) => value as ResourceId))] });
}

function faultsOfRights(
  sent: readonly SentRight[],
  rights: readonly Right[],
  services: ReadonlyMap<string, { readonly active: boolean; readonly actions: readonly string[] } | undefined>,
  faults: FieldFault[],
): void {
  const at = `${AT}/rights/resource`;
  if (sent.some(({ resource }) => resource.some(({ id }) => id !== RESOURCE_URN))) faults.push(fieldFault('AUTH.VLD-00009', at));
  const named = rights.flatMap(({ action, resources }) => resources.map((id) => ({ action, service: services.get(id) })));
  if (named.some(({ service }) => service?.active !== true)) faults.push(fieldFault('AUTH.VLD-00003', at));
  if (named.some(({ action, service }) => action !== undefined && service?.active === true && !service.actions.includes(action)))
    faults.push(fieldFault('TILGANG.VLD-00003', at));
  if (new Set(rights.map(rightName)).size < rights.length) faults.push(fieldFault('AUTH.VLD-00006', at));
}

/** The same for rights that are the same: their services are a set. */
export function rightName({ action, resources }: Right): string {
  return JSON.stringify([action ?? null, ...[...resources].sort()]);
}

/** Whether there may be something of this name: no other text can be a key of the store. */
function isStoredName<T extends string>(name: T): boolean {
  return /^[!-~]{1,200}$/.test(name);
}
