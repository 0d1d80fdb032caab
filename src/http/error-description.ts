/** A text with the characters that an error_description may have (RFC 6749 §5.2, RFC 6750 §3). */
export function errorDescription(text: string): string {
  return text.replaceAll(/[’"]/g, "'").replaceAll(/[^ -[\]-~]/g, '?');
}
