import { loadYaml } from '#settings';
import { termOf, valueOf } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { textAt } from './operands.js';

/** YAML as text and as terms. */
export const yamlBuiltins: Builtins = {
  'yaml.is_valid': ([text]) => {
    if (typeof text !== 'string') return false;
    try {
      loadYaml().parse(text, YAML);
      return true;
    } catch {
      return false;
    }
  },
  'yaml.marshal': ([term]) => loadYaml().stringify(valueOf(term ?? null), { sortMapEntries: true }),
  'yaml.unmarshal': (args) => {
    try {
      return termOf(loadYaml().parse(textAt(args, 0), YAML));
    } catch (cause) {
      throw new BuiltinError('the text is no YAML', { cause });
    }
  },
};

/** Warnings go nowhere: a policy must not write to the console. */
const YAML = { logLevel: 'error' } as const;
