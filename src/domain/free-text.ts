import { Fault } from './fault.js';
import { holdsPersonNumber } from './numbers-in-text.js';

/** What a text of its kind may be. */
export interface TextRule {
  /** Unicode code points, as a reader and JSON Schema's `maxLength` count; not UTF-16 units. */
  readonly maxCodePoints: number;
  /** Whether it may have line breaks and tabs. */
  readonly hasLines?: boolean;
}

const LINE_SIGNS = /[\t\n\u2028\u2029]|\r\n/gu;
const NO_CHARACTER = /[\p{Cs}\p{Noncharacter_Code_Point}\uFFFC\uFFFD]/u;
/** What shows nothing, or turns what stands beside it round: zero-width, direction marks, tags, fillers, blanks that are called symbols. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800\u{1D159}]/u;
/** Joiners and variation selectors are taken where they make one picture of several signs (UTS #51 §1.4.9), and keycaps. */
const EMOJI =
  /\p{Extended_Pictographic}\p{Emoji_Modifier}?[\uFE0E\uFE0F]?(?:\u200D\p{Extended_Pictographic}\p{Emoji_Modifier}?[\uFE0E\uFE0F]?)*|[0-9#*]\uFE0F?\u20E3/gu;

/**
 * The one rule for a text that a person or a program has written freely and that is kept (docs/decisions/0032): without the blanks around it; no
 * control characters, halves of characters, nothing invisible that fools the eye, and nothing that reads as a person number.
 */
export function parseFreeText(text: string, { maxCodePoints, hasLines = false }: TextRule): string | Fault {
  const kept = text.trim();
  if (kept === '') return new Fault('is empty or blank');
  // Two UTF-16 units at most are one code point: what is far too long is not counted.
  if (kept.length > 2 * maxCodePoints || [...kept].length > maxCodePoints) return new Fault(`is longer than ${maxCodePoints} characters`);
  if (holdsPersonNumber(kept)) return new Fault('holds what looks like a person number');
  const line = hasLines ? kept.replace(LINE_SIGNS, (sign) => ' '.repeat(sign.length)) : kept;
  if (/\p{Cc}|[\u2028\u2029]/u.test(line))
    return new Fault(hasLines ? 'has a control character' : 'has a control character or a line break');
  if (NO_CHARACTER.test(line)) return new Fault('has something that is no character, as a conversion leaves it');
  const hidden = INVISIBLE.exec(line.replace(EMOJI, (picture) => '*'.repeat(picture.length)));
  if (hidden !== null) {
    const place = [...line.slice(0, hidden.index)].length + 1;
    return new Fault(`has an invisible character (a zero-width one, a direction mark or the like) as character ${place}`);
  }
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(line)) return new Fault('has nothing to read');
  return kept;
}

const REASON: TextRule = { maxCodePoints: 500, hasLines: true };

/** Why something is done, in somebody's own words: at most 500 characters. */
export function parseReason(text: string): string | Fault {
  return parseFreeText(text, REASON);
}

const ADDRESS: TextRule = { maxCodePoints: 500 };

/** Where something is on the web: an https URL without user name and password. It is answered as it was written. */
export function parseWebAddress(text: string): string | Fault {
  const address = parseFreeText(text, ADDRESS);
  if (address instanceof Fault) return address;
  if (!/^https:\/\/[^\s"'<>\\]+$/i.test(address) || !URL.canParse(address))
    return new Fault('must be an https:// address with a host and, if it has one, a port up to 65535');
  if (/^https:\/\/[^/?#]*@/i.test(address)) return new Fault('has a user name or a password');
  return holdsPersonNumber(decodedAddress(address)) ? new Fault('holds what looks like a person number') : address;
}

/** An address as it reads: each escape by itself, so that one that is none hides nothing beside it. */
export function decodedAddress(address: string): string {
  return address.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString());
}
