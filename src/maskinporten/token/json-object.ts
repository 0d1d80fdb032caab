import { isUtf8 } from 'node:buffer';

/** A JSON object; no name stands in it, or in anything in it, twice. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper is no header or set of claims. */
const MAX_DEPTH = 16;

/**
 * The JSON object of a part of a JWT (RFC 7515 §5.2), which must be canonical base64url, so that one object is one text. A name that stands twice is
 * read differently by different readers (RFC 7519 §4): it is refused. @returns why not, as a text that ends a sentence
 */
export function jsonObjectIn(part: string): JsonObject | string {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) return 'is not base64url without padding';
  if (!isUtf8(bytes)) return 'is not UTF-8';
  const text = bytes.toString();
  const shape = shapeOf(text);
  if (shape.depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not a JSON object';
  return membersIn(value) === shape.members ? (value as JsonObject) : 'has a name twice';
}

/** How deep a JSON text goes, and how many members it writes: each has one colon outside of texts. */
function shapeOf(text: string): { readonly depth: number; readonly members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x3a) members += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return { depth: deepest, members };
}

function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at < 0 ? text.length : at;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === 0x5c) before -= 1;
  return (at - before) % 2 === 1;
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value);
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const one of inner) members += membersIn(one);
  return members;
}
