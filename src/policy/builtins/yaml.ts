import { BuiltinError, type Builtins } from './builtin.js';
import { textAt } from './operands.js';
import { readYaml } from './yaml-reader.js';
import { writeYaml } from './yaml-writer.js';

/** YAML as text and as terms, as go-yaml v3 has it. */
export const yamlBuiltins: Builtins = {
  'yaml.is_valid': ([text]) => {
    if (typeof text !== 'string') return false;
    try {
      readYaml(text);
      return true;
    } catch (cause) {
      if (cause instanceof BuiltinError) return false;
      throw cause;
    }
  },
  'yaml.marshal': ([term = null]) => writeYaml(term),
  'yaml.unmarshal': (args) => readYaml(textAt(args, 0)),
};
