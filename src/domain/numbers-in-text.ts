import { Fault } from './fault.js';
import { beginsWithDate, parsePersonNumber } from './person-number.js';

const DIGITS = 11;
/** Signs between two digits; behind more of them another number begins. */
const MOST_SIGNS = 3;
const NUMERAL = /\p{N}/gu;
/** What shows nothing of its own between two digits: `0︎1` reads as 01. */
const PASSED_OVER = /[\p{Default_Ignorable_Code_Point}\p{M}]/gu;
const PASSED_OVER_ALONE = /^[\p{Default_Ignorable_Code_Point}\p{M}]/u;
const LETTER = /^[\p{L}\p{N}]/u;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const UUID_LENGTH = 36;

/** Digits that only what is passed over stands between; `end` is exclusive. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
}

/** Whether something in the text reads as a person number, right or wrong: such a text is kept and sent nowhere as it is. */
export function holdsPersonNumber(text: string): boolean {
  return numbersIn(text).length > 0;
}

/** The text with `[masked]` for all in it that reads as a person number: so it may stand in a log or on a terminal. */
export function maskPersonNumbers(text: string): string {
  let masked = '';
  let from = 0;
  for (const { start, end } of numbersIn(text)) {
    masked += `${text.slice(from, start)}[masked]`;
    from = end;
  }
  return masked + text.slice(from);
}

/**
 * Where something reads as a person number (docs/decisions/0032): digits of any script and width, whatever is invisible between them, up to three
 * signs that are neither letters nor digits apart. One pass: the time grows with the length, whatever the text.
 */
function numbersIn(text: string): readonly Group[] {
  const found: Group[] = [];
  NUMERAL.lastIndex = 0;
  for (let match = NUMERAL.exec(text); match !== null; match = NUMERAL.exec(text)) {
    NUMERAL.lastIndex = readChain(text, match.index, found);
  }
  return found;
}

/** Reads groups of digits up to a letter or too many signs. @returns where it ends */
function readChain(text: string, from: number, found: Group[]): number {
  const groups: Group[] = [];
  let open: Group | undefined;
  let signs = 0;
  let at = from;
  const close = (): void => {
    if (open === undefined) return;
    addGroup(text, groups, open, found);
    open = undefined;
  };
  while (at < text.length) {
    const code = text.codePointAt(at) as number;
    const end = at + (code > 0xffff ? 2 : 1);
    const digits = digitsOf(code);
    if (digits !== '') {
      open = { start: open?.start ?? at, end, digits: lengthened(open?.digits ?? '', digits) };
      signs = 0;
    } else if (!isPassedOver(code)) {
      close();
      signs += 1;
      if (signs > MOST_SIGNS || isLetter(code)) return end;
    }
    at = end;
  }
  close();
  return at;
}

/** Of a longer run only is kept that it is longer. */
function lengthened(before: string, digits: string): string {
  return before.length > DIGITS ? before : before + digits;
}

/** @param groups those that a number may still be made of; of them none is left when one is found, or cannot be */
function addGroup(text: string, groups: Group[], group: Group, found: Group[]): void {
  if (group.digits.length > DIGITS) groups.length = 0;
  else if (groups.push(group) > DIGITS) groups.shift();
  let length = 0;
  for (let first = groups.length - 1; first >= 0; first -= 1) {
    length += (groups[first] as Group).digits.length;
    if (length < DIGITS) continue;
    if (length > DIGITS || !readsAsNumber(text, groups.slice(first))) break;
    found.push({ ...(groups[first] as Group), end: group.end });
    groups.length = 0;
    return;
  }
}

/** Whether groups of eleven digits together are what a reader takes for a person number. */
function readsAsNumber(text: string, groups: readonly Group[]): boolean {
  const [first, second] = groups as [Group, Group | undefined];
  const digits = groups.map((group) => group.digits).join('');
  const shape = groups.map((group) => group.digits.length).join(' ');
  const isPlain = shape === '11' || (shape === '6 5' && isGap(text.slice(first.end, second?.start)));
  const isRead =
    isPlain ||
    // Else a telephone number beside another one, or a date beside a time, would be one.
    (beginsWithDate(digits) && (/^(6|2 2 2) (5|3 2)$/.test(shape) || !(parsePersonNumber(digits) instanceof Fault)));
  return isRead && !isInUuid(text, first.start, (groups.at(-1) as Group).end);
}

function isGap(between: string): boolean {
  return /^[\p{Zs}\p{Pd}]$/u.test(between.replace(PASSED_OVER, ''));
}

/** One UUID in two hundred has eleven digits on end. */
function isInUuid(text: string, start: number, end: number): boolean {
  const from = Math.max(0, start - UUID_LENGTH);
  return [...text.slice(from, end + UUID_LENGTH).matchAll(UUID)].some(
    ({ index }) => from + index <= start && end <= from + index + UUID_LENGTH,
  );
}

function digitsOf(code: number): string {
  if (code < 0x80) return code >= 0x30 && code <= 0x39 ? String.fromCharCode(code) : '';
  const sign = String.fromCodePoint(code);
  if (!/^\p{N}/u.test(sign)) return '';
  return [...sign.normalize('NFKC')].map((one) => (/^\p{Nd}/u.test(one) ? valueOf(one.codePointAt(0) as number) : '')).join('');
}

/** Unicode has the ten digits of a script on end, from zero on. */
function valueOf(code: number): string {
  let zero = code;
  while (/^\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

function isPassedOver(code: number): boolean {
  return code >= 0x80 && PASSED_OVER_ALONE.test(String.fromCodePoint(code));
}

function isLetter(code: number): boolean {
  return code < 0x80 ? /^[A-Za-z]/.test(String.fromCharCode(code)) : LETTER.test(String.fromCodePoint(code));
}
