import { RegoNumber, type Term } from '../terms/index.js';
import type { Builtins } from './builtin.js';
import { arrayAt, textAt } from './operands.js';

/** Go's fmt.Sprintf. */
export const sprintfBuiltins: Builtins = {
  sprintf: (args) => formatted(textAt(args, 0), arrayAt(args, 1)),
};

function formatted(format: string, values: readonly Term[]): string {
  let at = 0;
  const text = format.replace(/%(.?)/gs, (_, verb: string) => {
    if (verb === '%') return '%';
    const value = values[at];
    if (at >= values.length || !/^[svd]$/.test(verb)) throw new Error(`sprintf: %${verb} is not supported here, or has no value`);
    at += 1;
    return value instanceof RegoNumber ? value.text : String(value);
  });
  if (at < values.length) throw new Error('sprintf: more values than verbs');
  return text;
}
