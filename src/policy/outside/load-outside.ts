/** What reaches out of the process, with all built-ins: a gateway that only judges by its own rules needs none of these files. */
export async function loadOutside(): Promise<Pick<typeof import('./open-outside.js'), 'openOutside'>> {
  return import('./open-outside.js');
}
