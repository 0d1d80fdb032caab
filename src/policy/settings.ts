import { fileURLToPath } from 'node:url';
import { integer, path, section, setting } from '#settings';
import { sourceFaults, sourceList } from './sources/settings.js';

/** Which bundle judges. */
export const policySettings = section(
  'Policy',
  {
    policyBundle: setting(path, {
      fallback: fileURLToPath(new URL('../../bundles/tilgang.tar.gz', import.meta.url)),
      fallbackText: 'the bundle in the package',
      about: 'OPA bundle (tar.gz with policy.wasm) that judges.',
    }),
    bundleDeadlineMs: setting(integer(10, 10_000), {
      fallback: 50,
      about:
        'How long a question to an application’s own bundle may take, in milliseconds; then it is ended, and the caller told that there is no answer.',
    }),
    bundleMemoryMib: setting(integer(4, 1024), { fallback: 64, about: 'Most memory that an instance of such a bundle may have, in MiB.' }),
    policySources: setting(sourceList, {
      fallback: [],
      fallbackText: 'none',
      about:
        'Where signed bundles are taken from, as YAML or JSON: `name`, `application` (App-ID; without it the standard rules), `url` (of OPA’s bundle protocol) or `path` (a tarball, or a folder of which the last .tar.gz counts), `tokenFile` (a bearer token for the server), `everySeconds` (default 60), `waitSeconds` (long polling; default 0), `staleAfterSeconds` (after so long without success nobody is judged by its rules; without it they judge for ever).',
    }),
  },
  ({ policySources }) => sourceFaults(policySources).map(({ pointer, detail }) => ({ pointer, detail: `${pointer.slice(1)} ${detail}` })),
);
