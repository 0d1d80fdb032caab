import { quoted, RegoNumber, RegoObject, type Term, textEntries } from '../terms/index.js';

/** Between the values of arrays and objects that are written over several lines. */
export interface Indent {
  readonly prefix: string;
  readonly indent: string;
}

const HTML: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** A term as Go's json.Marshal writes it (MarshalIndent with `layout`): JSON in which `<`, `>`, `&` and U+2028, U+2029 are escaped. */
export function writeGoJson(term: Term, layout?: Indent): string {
  return write(term, layout, layout === undefined ? '' : `\n${layout.prefix}`);
}

/** A text as Go's json.Marshal writes it. */
function goQuoted(text: string): string {
  return quoted(text).replace(/[<>&\u2028\u2029]/g, (char) => HTML[char] as string);
}

function write(term: Term, layout: Indent | undefined, line: string): string {
  if (typeof term === 'string') return goQuoted(term);
  if (term === null || typeof term === 'boolean') return String(term);
  if (term instanceof RegoNumber) return term.text;
  const inner = layout === undefined ? '' : line + layout.indent;
  if (term instanceof RegoObject) {
    const colon = layout === undefined ? ':' : ': ';
    return block(
      '{}',
      line,
      inner,
      Array.from(textEntries(term), ([key, value]) => goQuoted(key) + colon + write(value, layout, inner)),
    );
  }
  return block(
    '[]',
    line,
    inner,
    Array.from(term, (member) => write(member, layout, inner)),
  );
}

function block([open, close]: string | readonly string[], line: string, inner: string, parts: readonly string[]): string {
  return parts.length === 0 ? `${open}${close}` : `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`;
}
