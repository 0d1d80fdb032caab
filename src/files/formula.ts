/**
 * A text that a spreadsheet would take for a formula (OWASP, CSV Injection), or such a text behind apostrophes: those are in so that
 * an apostrophe of the text's own is told from ours, and reading gives back what was written.
 */
const FORMULA = /^'*\s*[=+\-@\t\r\n＝＋－＠]/;

/** The text with an apostrophe in front if a spreadsheet would take it for a formula; any other as it is. */
export function guardFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The inverse of `guardFormula`. */
export function unguardFormula(text: string): string {
  return text.charCodeAt(0) === 0x27 && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}
