import { RegoObject, RegoSet, type Term } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { arrayAt, booleanAt, membersAt, objectAt, textAt } from './operands.js';

/** What OPA's own programs see of an evaluation, and casts that are kept for old policies. */
export const hostBuiltins: Builtins = {
  cast_array: (args) => membersAt(args, 0),
  cast_boolean: (args) => booleanAt(args, 0),
  cast_null: ([term]) => {
    if (term !== null) throw new BuiltinError('operand 1 must be null');
    return null;
  },
  cast_object: (args) => objectAt(args, 0),
  cast_set: (args) => RegoSet.of(membersAt(args, 0)),
  cast_string: (args) => textAt(args, 0),
  // Notes and prints are for authors at their desk: what they say may hold a person's data, so it goes nowhere.
  'internal.print': (args) => {
    arrayAt(args, 0);
    return true;
  },
  'internal.test_case': () => true,
  // OPA tells its configuration and its whole environment here. No policy of ours sees those.
  'opa.runtime': () => RegoObject.of([]),
  trace: (args) => {
    textAt(args, 0);
    return true;
  },
} satisfies Record<string, (args: readonly Term[]) => Term>;
