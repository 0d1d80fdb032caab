/** What a terminal or an editor could take for more than a character: controls, what is invisible or turns the direction, ends of lines. */
const TELLING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text as it can be shown anywhere: what could do something there stands as `\u…`, so that JSON stays the same JSON (threat 38). */
export function harmless(text: string): string {
  return text.replace(TELLING, (found) =>
    [...Array(found.length).keys()].map((i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
