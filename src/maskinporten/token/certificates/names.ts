import { type GeneralName, type GeneralSubtree, RelativeDistinguishedNames } from 'pkijs';
import type { Decoded } from './decoded.js';

/** The form `directoryName` of RFC 5280 §4.2.1.6. */
const DIRECTORY = 4;

/**
 * Whether a certificate keeps the name constraints of an authority above it (RFC 5280 §4.2.1.10). Organisations are named by directory names: those are
 * compared. A constraint of another form is kept only by whoever has no name of that form: what it says of one is not judged.
 */
export function keepsConstraints(certificate: Decoded, { nameConstraints }: Decoded): boolean {
  if (nameConstraints === undefined) return true;
  const permitted = nameConstraints.permittedSubtrees ?? [];
  const excluded = nameConstraints.excludedSubtrees ?? [];
  const { parsed, alternativeNames } = certificate;
  const forms = new Set(alternativeNames.map(({ type }) => type));
  const isJudged = ({ base, minimum, maximum }: GeneralSubtree): boolean => {
    const start: unknown = minimum;
    return (base.type === DIRECTORY || !forms.has(base.type)) && (start === 0 || start === undefined) && maximum === undefined;
  };
  if (![...permitted, ...excluded].every(isJudged)) return false;
  const subject = parsed.subject.typesAndValues.length === 0 ? [] : [parsed.subject];
  const names = [...subject, ...alternativeNames.flatMap((name) => directoryNames(name))];
  const within = permitted.flatMap(({ base }) => directoryNames(base));
  const without = excluded.flatMap(({ base }) => directoryNames(base));
  return names.every(
    (name) => (within.length === 0 || within.some((tree) => isBelow(name, tree))) && !without.some((tree) => isBelow(name, tree)),
  );
}

function directoryNames({ type, value }: GeneralName): readonly RelativeDistinguishedNames[] {
  return type === DIRECTORY && value instanceof RelativeDistinguishedNames ? [value] : [];
}

/** Whether a name begins with all of another (RFC 5280 §7.1). */
function isBelow(name: RelativeDistinguishedNames, tree: RelativeDistinguishedNames): boolean {
  return tree.typesAndValues.every((part, at) => name.typesAndValues[at]?.isEqual(part) === true);
}
