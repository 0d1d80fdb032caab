import { Fault, parseFreeText } from '#domain';

const ADDRESS = { maxCodePoints: 1000 } as const;
const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a client's addresses may be. */
export interface AddressRule {
  readonly application: 'web' | 'browser' | 'native';
  /** Whether the installation is one for trying things out: there a web application may be at home on the developer's own machine. */
  readonly isTrial: boolean;
}

/**
 * Where a log-in or log-out sends somebody back to. It is compared character by character, so it is kept as it was written: absolute, without fragment,
 * user name and password (RFC 6749 §3.1.2); https. A native application may also have a scheme of its own, with a full stop in it (RFC 8252 §7.1), and its
 * own machine (§7.3; `:0` is any port).
 */
export function parseRedirectUri(text: string, { application, isTrial }: AddressRule): string | Fault {
  const url = addressOf(text);
  if (url instanceof Fault) return url;
  const isNative = application === 'native';
  if (url.protocol === 'https:') return text;
  if (url.protocol === 'http:') {
    if (!OWN_MACHINE.has(url.hostname)) return new Fault('must be https: http is for the own machine only');
    if (isNative ? url.hostname !== 'localhost' || isTrial : isTrial) return text;
    return new Fault(
      isNative ? 'must name the own machine as 127.0.0.1 or [::1]' : 'must be https: the own machine is for trial installations',
    );
  }
  if (!isNative) return new Fault('must be https: a scheme of its own is for native applications');
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/i.test(text)
    ? text
    : new Fault('must have a scheme with a full stop, as a domain read backwards (RFC 8252 §7.1)');
}

/** Where a client is told that somebody has logged out: https, and the own machine in a trial installation. */
export function parseLogoutUri(text: string, isTrial: boolean): string | Fault {
  return parseRedirectUri(text, { application: 'web', isTrial });
}

/** Whether two addresses have scheme, host and port in common. */
export function isSameOrigin(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => new URL(text)) as [URL, URL];
  return a.protocol === b.protocol && a.host === b.host;
}

function addressOf(text: string): URL | Fault {
  const kept = parseFreeText(text, ADDRESS);
  if (kept instanceof Fault) return kept;
  // URL mends what a comparison by characters would not: only what it leaves alone is taken.
  if (kept !== text || !/^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(text) || /[\\"<>^`{|}*]/.test(text)) {
    return new Fault('must be an absolute URI of printable ASCII, without blanks and wildcards');
  }
  if (text.includes('#')) return new Fault('has a fragment (#): leave it out');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return new Fault('must be an absolute URI');
  if (/^https?:/i.test(text) && !/^https?:\/\/[^/?@]+([/?]|$)/.test(text)) {
    return new Fault('must begin with https:// in small letters, have a host, and neither user name nor password');
  }
  if (/(^|[/.])(\.|%2e){1,2}([/?]|$)/i.test(url.pathname) || /\/(\.|%2e){1,2}([/?]|$)/i.test(text))
    return new Fault('has "." or ".." as a part of its path');
  return url;
}
