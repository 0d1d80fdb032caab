import { BuiltinError, BuiltinHalt } from './builtin.js';

// What `regex.globs_match` asks: whether two small expressions (characters, `.`, `[a-z]`, each with `*` or `+` or nothing behind it) have a text in
// common. The steps and the answers, also those that one would not expect, are those of OPA's library (yashtewari/glob-intersection); each pair of
// places is looked at once here, where that library may look at them two to the power of the stars.

interface Token {
  /** `undefined` is any character. */
  readonly set: ReadonlySet<string> | undefined;
  readonly isSet: boolean;
  readonly flag: '' | '*' | '+';
}

/** Whether some text matches both. @throws BuiltinError for what is no such expression, BuiltinHalt for one with more than 1000 tokens */
export function globsIntersect(left: string, right: string): boolean {
  const trimmed = trim(simplify(tokenize(left)), simplify(tokenize(right)));
  return trimmed !== undefined && new Intersection(trimmed).normal([0, 0], [0, 1]);
}

const MAX_TOKENS = 1000;
const MAX_SET = 70_000;

function tokenize(text: string): Token[] {
  const reader = new Reader(text);
  const tokens: Token[] = [];
  for (let token = reader.token(); token !== undefined; token = reader.token()) {
    if (tokens.push(token) > MAX_TOKENS) throw new BuiltinHalt(`a glob has at most ${MAX_TOKENS} tokens here`);
  }
  return tokens;
}

class Reader {
  readonly #runes: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#runes = Array.from(text);
  }

  token(): Token | undefined {
    const rune = this.#rune();
    if (rune === undefined) return undefined;
    if (rune.escaped) return { ...character(rune.text), flag: this.#flag() };
    if (']*+'.includes(rune.text)) throw new BuiltinError('no glob: a ], * or + with nothing before it');
    if (rune.text === '.') return { set: undefined, isSet: false, flag: this.#flag() };
    if (rune.text !== '[') return { ...character(rune.text), flag: this.#flag() };
    return { set: this.#set(), isSet: true, flag: this.#flag() };
  }

  #flag(): Token['flag'] {
    const next = this.#runes[this.#at];
    // What ends in a backslash is no glob, and this is where it shows.
    if (next === '\\' && this.#at === this.#runes.length - 1) this.#rune();
    if (next !== '*' && next !== '+') return '';
    this.#at += 1;
    return next;
  }

  #set(): ReadonlySet<string> {
    const set = new Set<string>();
    let before: string | undefined;
    for (let rune = this.#rune(); rune !== undefined; rune = this.#rune()) {
      if (!rune.escaped && rune.text === ']') return set;
      if (!rune.escaped && rune.text === '-') {
        addRange(set, before, this.#at >= this.#runes.length - 1 ? undefined : this.#rune());
        before = undefined;
      } else {
        set.add(rune.text);
        before = rune.text;
      }
    }
    throw new BuiltinError('no glob: a [ without its ]');
  }

  #rune(): { readonly text: string; readonly escaped: boolean } | undefined {
    const escaped = this.#runes[this.#at] === '\\';
    if (escaped) this.#at += 1;
    const text = this.#runes[this.#at];
    if (text === undefined && escaped) throw new BuiltinError('no glob: it ends in a backslash');
    this.#at += 1;
    return text === undefined ? undefined : { text, escaped };
  }
}

function addRange(
  set: Set<string>,
  before: string | undefined,
  last: { readonly text: string; readonly escaped: boolean } | undefined,
): void {
  const [from, to] = [before?.codePointAt(0), last?.text.codePointAt(0)];
  if (from === undefined || to === undefined || last === undefined) throw new BuiltinError('no glob: a - without a character on each side');
  if (!last.escaped && (last.text === ']' || last.text === '-')) throw new BuiltinError('no glob: a - before ] or -');
  if (to < from) throw new BuiltinError('no glob: a range that is out of order');
  if (set.size + to - from > MAX_SET) throw new BuiltinHalt(`a set of a glob has at most ${MAX_SET} characters here`);
  for (let code = from; code <= to; code += 1) set.add(String.fromCodePoint(code));
}

function character(text: string): Pick<Token, 'set' | 'isSet'> {
  return { set: new Set([text]), isSet: false };
}

/** Of neighbours that are alike and both have a flag, one. */
function simplify(tokens: readonly Token[]): Token[] {
  const simple: Token[] = [];
  for (const token of tokens) {
    const last = simple.at(-1);
    if (last === undefined || last.flag === '' || token.flag === '' || !isAlike(last, token)) simple.push(token);
    else simple[simple.length - 1] = { ...last, flag: last.flag === '+' || token.flag === '+' ? '+' : '*' };
  }
  return simple;
}

function isAlike(a: Token, b: Token): boolean {
  if (a.set === undefined || b.set === undefined) return a.set === b.set;
  return a.isSet === b.isSet && a.set.size === b.set.size && [...a.set].every((text) => b.set?.has(text));
}

function meet(a: Token, b: Token): boolean {
  const [x, y] = [a.set, b.set];
  if (x === undefined || y === undefined) return true;
  const [small, large] = x.size < y.size ? [x, y] : [y, x];
  for (const text of small) if (large.has(text)) return true;
  return false;
}

type Globs = readonly [readonly Token[], readonly Token[]];

/** Both without what they begin and end with alike, one token of which stays; `undefined` if they begin or end with what cannot meet. */
function trim(a: readonly Token[], b: readonly Token[]): Globs | undefined {
  const isPlain = (i: number, j: number): boolean => a[i]?.flag === '' && b[j]?.flag === '';
  let left = 0;
  for (; isPlain(left, left); left += 1) if (!meet(a[left] as Token, b[left] as Token)) return undefined;
  if (left > 0) left -= 1;
  let [i, j] = [a.length - 1, b.length - 1];
  for (; i >= left && j >= left && isPlain(i, j); i -= 1, j -= 1) if (!meet(a[i] as Token, b[j] as Token)) return undefined;
  const one = i < a.length - 1 ? 1 : 0;
  return [a.slice(left, i + 1 + one), b.slice(left, j + 1 + one)];
}

/** Places in the two globs; `sides` says which of them stands first. */
type Places = readonly [number, number];
type Sides = readonly [0 | 1, 0 | 1];

class Intersection {
  readonly #globs: Globs;
  readonly #known = new Map<number, boolean>();

  constructor(globs: Globs) {
    this.#globs = globs;
  }

  normal([i, j]: Places, sides: Sides): boolean {
    const [first, second] = this.#order(sides);
    let step = 0;
    for (; i + step < first.length && j + step < second.length; step += 1) {
      const [a, b] = [first[i + step] as Token, second[j + step] as Token];
      if (a.flag !== '') return this.#special(a.flag, [i + step, j + step], sides);
      if (b.flag !== '') return this.#special(b.flag, [j + step, i + step], [sides[1], sides[0]]);
      if (!meet(a, b)) return false;
    }
    return i + step === first.length && j + step === second.length;
  }

  /** The first one begins with a flag. */
  #special(flag: '*' | '+', places: Places, sides: Sides): boolean {
    const key = ((places[0] * (MAX_TOKENS + 1) + places[1]) * 2 + sides[0]) * 2 + (flag === '*' ? 1 : 0);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const answer = flag === '*' ? this.#star(places, sides) : this.#plus(places, sides);
    this.#known.set(key, answer);
    return answer;
  }

  #plus([i, j]: Places, sides: Sides): boolean {
    const [plussed, other] = this.#order(sides);
    const [mine, theirs] = [plussed[i] as Token, other[j] as Token];
    if (!meet(mine, theirs)) return false;
    return this.#special('*', [i, j + 1], sides) || (theirs.flag !== '' && this.normal([i + 1, j], sides));
  }

  #star([i, j]: Places, sides: Sides): boolean {
    const [starred, other] = this.#order(sides);
    const [star, next] = [starred[i] as Token, starred[i + 1]];
    for (let at = j; at < other.length; at += 1) {
      const token = other[at] as Token;
      if (next !== undefined && meet(token, next) && this.normal([i + 1, at], sides)) return true;
      if (!meet(token, star)) return false;
    }
    return next === undefined;
  }

  #order([first]: Sides): Globs {
    return first === 0 ? this.#globs : [this.#globs[1], this.#globs[0]];
  }
}
