// The library speaks to the console as it is loaded: of the version of Node, which is ours to test. What others say goes through.
const { warn, info } = globalThis.console;
const isOfLibrary = ([said]: readonly unknown[]): boolean => String(said).includes('oidc-provider ');
Object.assign(globalThis.console, {
  warn: (...said: unknown[]) => void (isOfLibrary(said) || warn(...said)),
  info: (...said: unknown[]) => void (isOfLibrary(said) || info(...said)),
});

/** Has the console as it was. */
export function speakAgain(): void {
  Object.assign(globalThis.console, { warn, info });
}
