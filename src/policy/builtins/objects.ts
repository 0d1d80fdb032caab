import { equalTerms, isArray, keyOf, RegoObject, RegoSet, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { membersAt, objectAt } from './operands.js';

/** Objects, sets and graphs. */
export const objectsBuiltins: Builtins = {
  'graph.reachable_paths': (args) => reachablePaths(objectAt(args, 0), membersAt(args, 1)),
  'object.subset': ([whole, part]) => isPart(whole as Term, part as Term),
};

/** Paths grow with the factorial of a graph's size: beyond so many the evaluation fails. */
const MAX_PATHS = 100_000;

function isPart(whole: Term, part: Term): boolean {
  if (whole instanceof RegoObject && part instanceof RegoObject) return isPartOfObject(whole, part);
  if (whole instanceof RegoSet && part instanceof RegoSet) return [...part].every((member) => whole.has(member));
  if (isArray(whole) && isArray(part)) return isRun(whole, part);
  if (isArray(whole) && part instanceof RegoSet) return isWithin(whole, part);
  throw new BuiltinError('both arguments object.subset must be of the same type or array and set');
}

function isPartOfObject(whole: RegoObject, part: RegoObject): boolean {
  return [...part].every(([key, value]) => {
    const other = whole.get(key);
    if (other === undefined) return false;
    if (equalTerms(other, value)) return true;
    if (other instanceof RegoObject && value instanceof RegoObject) return isPartOfObject(other, value);
    if (other instanceof RegoSet && value instanceof RegoSet) return isPart(other, value);
    return isArray(other) && isArray(value) && isRun(other, value);
  });
}

/** Whether one array stands in the other in one piece; as Knuth, Morris and Pratt look for it, in one pass. */
function isRun(whole: readonly Term[], part: readonly Term[]): boolean {
  const wanted = part.map(keyOf);
  // How much of the beginning stands at the end of each beginning too.
  const borders: number[] = [];
  const grown = (length: number, key: string): number => {
    let left = length;
    while (left > 0 && key !== wanted[left]) left = borders[left - 1] as number;
    return key === wanted[left] ? left + 1 : left;
  };
  for (const key of wanted) borders.push(borders.length === 0 ? 0 : grown(borders.at(-1) as number, key));
  let length = 0;
  return (
    wanted.length === 0 ||
    whole.some((term) => {
      length = grown(length, keyOf(term));
      return length === wanted.length;
    })
  );
}

/** Whether an array holds every member of a set. OPA finds no empty set in an empty array, and counts a member as often as it stands there. */
function isWithin(whole: readonly Term[], part: RegoSet): boolean {
  let missing = part.size;
  return whole.some((term) => {
    if (part.has(term)) missing -= 1;
    return missing === 0;
  });
}

/** Each way from a beginning along the edges to where it ends or meets itself. */
function reachablePaths(graph: RegoObject, beginnings: readonly Term[]): Term {
  const paths: Term[][] = [];
  for (const beginning of beginnings) {
    const edges = graph.get(beginning);
    if (edges === undefined) continue;
    const neighbours = edgesOf(edges);
    if (neighbours.length === 0) paths.push([beginning]);
    for (const neighbour of neighbours) collectPaths(graph, neighbour, [beginning], new Set([keyOf(beginning)]), paths);
  }
  return RegoSet.of(paths);
}

function collectPaths(graph: RegoObject, node: Term, path: readonly Term[], passed: ReadonlySet<string>, paths: Term[][]): void {
  if (paths.length > MAX_PATHS) throw new BuiltinHalt(`graph.reachable_paths: more than ${MAX_PATHS} paths`);
  const edges = graph.get(node);
  // What is no node of the graph ends the path before it.
  const here = edges === undefined ? [...path] : [...path, node];
  const neighbours = edges === undefined ? [] : edgesOf(edges);
  if (neighbours.length === 0) paths.push(here);
  const passedHere = new Set(passed).add(keyOf(node));
  for (const neighbour of neighbours) {
    if (passedHere.has(keyOf(neighbour))) paths.push(here);
    else collectPaths(graph, neighbour, here, passedHere, paths);
  }
}

function edgesOf(edges: Term): readonly Term[] {
  return isArray(edges) || edges instanceof RegoSet ? [...edges] : [];
}
