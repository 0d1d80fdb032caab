/** What was found under a path. */
export interface Match<T> {
  /** By method in capitals. */
  readonly byMethod: ReadonlyMap<string, T>;
  /** The path's parameters, decoded; the rest of a path as it was sent. */
  readonly params: Readonly<Record<string, string>>;
}

interface Node<T> {
  readonly literal: Map<string, Node<T>>;
  parameter?: Node<T>;
  /** What takes all the rest of a path. */
  rest?: Node<T>;
  leaf?: { readonly names: readonly string[]; readonly byMethod: Map<string, T> };
}

/**
 * Finds what stands under a path template such as `/app/{appId}`. A text segment goes before a parameter (OpenAPI 3.1 §4.8.8.2). Segments are
 * compared as they were sent, byte by byte; only a parameter is percent-decoded, and one that cannot be stays as it was sent. A last `{name...}` takes
 * all the rest, slashes too, and is not decoded.
 */
export class PathTree<T> {
  readonly #root: Node<T> = { literal: new Map() };

  /**
   * @param method in capitals
   * @throws TypeError if the template has that method already
   */
  add(template: string, method: string, value: T): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of template.split('/')) {
      const [, name, isRest] = /^\{(\w+)(\.\.\.)?\}$/.exec(segment) ?? [];
      if (name !== undefined) names.push(name);
      if (name === undefined) node = child(node.literal, segment);
      else if (isRest !== undefined) {
        node.rest ??= { literal: new Map() };
        node = node.rest;
      } else {
        node.parameter ??= { literal: new Map() };
        node = node.parameter;
      }
    }
    node.leaf ??= { names, byMethod: new Map() };
    if (node.leaf.byMethod.has(method)) throw new TypeError(`${method} ${template} is described twice`);
    node.leaf.byMethod.set(method, value);
  }

  /** @param from where the part of the path that templates describe begins */
  find(path: string, from: number): Match<T> | undefined {
    return this.#under(this.#root, path, from, []);
  }

  #under(node: Node<T>, path: string, from: number, values: readonly string[]): Match<T> | undefined {
    if (from > path.length) {
      const { leaf } = node;
      return leaf === undefined ? undefined : { byMethod: leaf.byMethod, params: named(leaf.names, values.map(decoded)) };
    }
    const slash = path.indexOf('/', from);
    const end = slash === -1 ? path.length : slash;
    const segment = path.slice(from, end);
    const exact = node.literal.get(segment);
    const found = exact === undefined ? undefined : this.#under(exact, path, end + 1, values);
    if (found !== undefined) return found;
    const one =
      node.parameter === undefined || segment === '' ? undefined : this.#under(node.parameter, path, end + 1, [...values, segment]);
    const rest = node.rest?.leaf;
    if (one !== undefined || rest === undefined) return one;
    return { byMethod: rest.byMethod, params: named(rest.names, [...values.map(decoded), path.slice(from)]) };
  }
}

function child<T>(nodes: Map<string, Node<T>>, segment: string): Node<T> {
  let node = nodes.get(segment);
  if (node === undefined) {
    node = { literal: new Map() };
    nodes.set(segment, node);
  }
  return node;
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [i, name] of names.entries()) params[name] = values[i] as string;
  return params;
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
