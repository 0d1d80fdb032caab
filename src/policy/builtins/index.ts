// What a module asks the host for: OPA's built-ins that it does not bring itself, a file per group, each a table by OPA's names.
// They work on terms (../terms), synchronously, and answer what OPA's own answer: docs/built-ins.md says how that is measured.
// Nobody loads all of them but load-builtins.ts. Not here: those that reach out of the process (http.send, look-ups) are handed in by who allows it.

import { awsBuiltins } from './aws.js';
import type { Builtins } from './builtin.js';
import { cryptoBuiltins } from './crypto.js';
import { encodingsBuiltins } from './encodings.js';
import { graphqlBuiltins } from './graphql.js';
import { hostBuiltins } from './host.js';
import { jsonBuiltins } from './json.js';
import { jsonSchemaBuiltins } from './json-schema.js';
import { jwtBuiltins } from './jwt.js';
import { netBuiltins } from './net.js';
import { numbersBuiltins } from './numbers.js';
import { objectsBuiltins } from './objects.js';
import { regexBuiltins } from './regex.js';
import { semverBuiltins } from './semver.js';
import { stringsBuiltins } from './strings.js';
import { templateBuiltins } from './template.js';
import { timeBuiltins } from './time.js';
import { unitsBuiltins } from './units.js';
import { uriBuiltins } from './uri.js';
import { uuidBuiltins } from './uuid.js';
import { yamlBuiltins } from './yaml.js';

/** The tables by the names of their files. */
export const builtinGroups: Readonly<Record<string, Builtins>> = {
  aws: awsBuiltins,
  crypto: cryptoBuiltins,
  encodings: encodingsBuiltins,
  graphql: graphqlBuiltins,
  host: hostBuiltins,
  json: jsonBuiltins,
  'json-schema': jsonSchemaBuiltins,
  jwt: jwtBuiltins,
  net: netBuiltins,
  numbers: numbersBuiltins,
  objects: objectsBuiltins,
  regex: regexBuiltins,
  semver: semverBuiltins,
  strings: stringsBuiltins,
  template: templateBuiltins,
  time: timeBuiltins,
  units: unitsBuiltins,
  uri: uriBuiltins,
  uuid: uuidBuiltins,
  yaml: yamlBuiltins,
};

/** What every bundle may call; a bundle that needs more is refused when it is loaded. */
export const ownBuiltins: Builtins = Object.assign({}, ...Object.values(builtinGroups)) as Builtins;
