import { equalTerms, isArray, RegoNumber, RegoObject, RegoSet, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { writeGoJson } from './go-json.js';
import { arrayAt, objectAt, textAt } from './operands.js';

/** Terms as JSON, and JSON Patch (RFC 6902) on terms: paths may be arrays, and reach into sets by their members. */
export const jsonBuiltins: Builtins = {
  'json.marshal_with_options': (args) => marshal(args[0] as Term, objectAt(args, 1)),
  'json.patch': (args) => patched(args[0] as Term, arrayAt(args, 1)),
};

function marshal(term: Term, options: RegoObject): string {
  const unknown = options.keys().find((key) => key !== 'prefix' && key !== 'indent' && key !== 'pretty');
  if (unknown !== undefined) throw new BuiltinError('operand 2 object contained unknown key');
  const text = (key: string): string | undefined => (options.has(key) ? textAt([options.get(key) as Term], 0) : undefined);
  const [prefix, indent, pretty] = [text('prefix'), text('indent'), options.get('pretty')];
  if (pretty !== undefined && typeof pretty !== 'boolean') throw new BuiltinError('operand 2 key pretty failed cast to bool');
  if (!(pretty ?? (prefix !== undefined || indent !== undefined))) return writeGoJson(term);
  // Go writes no prefix before the first line; OPA does.
  return (prefix ?? '') + writeGoJson(term, { prefix: prefix ?? '', indent: indent ?? '\t' });
}

const MAX_OPERATIONS = 2000;

function patched(term: Term, operations: readonly Term[]): Term {
  // Each copies what it changes.
  if (operations.length > MAX_OPERATIONS) throw new BuiltinHalt(`json.patch: at most ${MAX_OPERATIONS} operations`);
  // A document that was removed as a whole is undefined until another takes its place.
  const document = operations.reduce<Term | undefined>(apply, term);
  if (document === undefined) throw new BuiltinError('the whole document is removed');
  return document;
}

function apply(document: Term | undefined, operation: Term): Term | undefined {
  if (!(operation instanceof RegoObject)) throw new BuiltinError('must be an array of JSON-Patch objects');
  const attribute = (name: string): Term => {
    const value = operation.get(name);
    if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
    return value;
  };
  const path = pathOf(attribute('path'));
  const op = attribute('op');
  switch (op) {
    case 'add':
      return insert(document, path, attribute('value'));
    case 'remove':
      return remove(document, path);
    case 'replace':
      return insert(remove(document, path), path, attribute('value'));
    case 'copy':
      return insert(document, path, at(document, pathOf(attribute('from'))));
    case 'move': {
      const from = pathOf(attribute('from'));
      return insert(remove(document, from), path, at(document, from));
    }
    case 'test':
      if (!equalTerms(at(document, path), attribute('value'))) throw new BuiltinError('value from EditTree != patch value');
      return document;
    default:
      throw new BuiltinError('unrecognized op');
  }
}

/** A JSON Pointer, with or without its first slash, or an array of keys. */
function pathOf(path: Term): readonly Term[] {
  if (isArray(path)) return path;
  if (typeof path !== 'string') throw new BuiltinError('operand 2 must hold string paths or arrays of path segments');
  if (path === '') return [];
  const parts = path.replace(/^\/+/, '').split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(document: Term | undefined, path: readonly Term[]): Term {
  return path.reduce<Term>(childOf, existing(document));
}

function insert(document: Term | undefined, path: readonly Term[], value: Term): Term {
  if (path.length === 0) return value;
  return edited(existing(document), path, (parent, key) => {
    if (parent instanceof RegoObject) return parent.with(key, value);
    if (parent instanceof RegoSet) {
      if (!equalTerms(key, value)) throw new BuiltinError('set key does not equal value to be inserted');
      return RegoSet.of([...parent, value]);
    }
    const list = arrayOf(parent);
    const index = indexOf(list, key);
    if (index > list.length) throw new BuiltinError('index for array insertion out of bounds');
    return list.toSpliced(index, 0, value);
  });
}

function remove(document: Term | undefined, path: readonly Term[]): Term | undefined {
  if (path.length === 0) {
    existing(document);
    return undefined;
  }
  return edited(existing(document), path, (parent, key) => {
    // That there is such a child.
    childOf(parent, key);
    if (parent instanceof RegoObject) return parent.without(key);
    if (parent instanceof RegoSet) return RegoSet.of([...parent].filter((member) => !equalTerms(member, key)));
    const list = arrayOf(parent);
    return list.toSpliced(indexOf(list, key), 1);
  });
}

function edited(term: Term, path: readonly Term[], change: (parent: Term, key: Term) => Term): Term {
  const [key, ...rest] = path as [Term, ...Term[]];
  if (rest.length === 0) return change(term, key);
  const child = edited(childOf(term, key), rest, change);
  if (term instanceof RegoObject) return term.with(key, child);
  if (term instanceof RegoSet) return RegoSet.of([...[...term].filter((member) => !equalTerms(member, key)), child]);
  const list = arrayOf(term);
  return list.with(indexOf(list, key), child);
}

function childOf(parent: Term, key: Term): Term {
  let child: Term | undefined;
  if (parent instanceof RegoObject) child = parent.get(key);
  else if (parent instanceof RegoSet) child = parent.has(key) ? key : undefined;
  else child = arrayOf(parent)[indexOf(arrayOf(parent), key)];
  return existing(child);
}

function existing(term: Term | undefined): Term {
  if (term === undefined) throw new BuiltinError('the path does not exist');
  return term;
}

function arrayOf(term: Term): readonly Term[] {
  if (!isArray(term)) throw new BuiltinError('expected composite type');
  return term;
}

/** `-` is behind the last one. */
function indexOf(list: readonly Term[], key: Term): number {
  if (key === '-') return list.length;
  const number = typeof key === 'string' ? new RegoNumber(key) : key;
  const index = number instanceof RegoNumber ? number.int64 : undefined;
  if (index === undefined || index < 0n || (typeof key === 'string' && /^0./.test(key))) throw new BuiltinError('invalid index');
  return Number(index);
}
