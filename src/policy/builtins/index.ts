// What a module asks the host for: OPA's built-ins that it does not bring itself, a file per group, each a table by OPA's names.
// They work on terms (../terms), synchronously, and answer what OPA's own answer: docs/built-ins.md says how that is measured.
// Not here: those that reach out of the process (http.send, look-ups) are handed in by who allows it.

import type { Builtins } from './builtin.js';
import { jsonBuiltins } from './json.js';
import { sprintfBuiltins } from './sprintf.js';
import { yamlBuiltins } from './yaml.js';

export { type Builtin, BuiltinError, BuiltinHalt, type Builtins, type Evaluation, startEvaluation } from './builtin.js';

/** The tables by the names of their files. */
export const builtinGroups: Readonly<Record<string, Builtins>> = {
  json: jsonBuiltins,
  sprintf: sprintfBuiltins,
  yaml: yamlBuiltins,
};

/** What every bundle may call; a bundle that needs more is refused when it is loaded. */
export const ownBuiltins: Builtins = Object.assign({}, ...Object.values(builtinGroups)) as Builtins;

/** What no bundle may call, and why. */
export const refusedBuiltins: Readonly<Record<string, string>> = {
  'rego.parse_module': 'it needs a parser of Rego, and a policy that is running has none',
};
