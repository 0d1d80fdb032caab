/**
 * A text that a spreadsheet would take for a formula (OWASP, CSV Injection), or such a text behind apostrophes: those are in so that
 * an apostrophe of the text's own is told from ours, and reading gives back what was written.
 */
const FORMULA = /^'*\s*[=+\-@\t\r\n＝＋－＠]/;

export function guardFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The inverse of `guardFormula`. */
export function unguardFormula(text: string): string {
  return text.charCodeAt(0) === 0x27 && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}
