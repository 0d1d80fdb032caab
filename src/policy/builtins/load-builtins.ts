/** The host's built-ins: by group, and all of them. They are sixty files, and the bundles of most installations call none. */
export async function loadBuiltins(): Promise<Pick<typeof import('./index.js'), 'builtinGroups' | 'ownBuiltins'>> {
  return import('./index.js');
}
