import { fileURLToPath } from 'node:url';
import { Expected, integer, listOf, network, path, type Reader, section, setting, text } from '#settings';
import { sourceFaults, sourceList } from './sources/settings.js';

const host: Reader<string> = {
  type: 'host',
  read(written) {
    const name = text.read(written);
    if (!/^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/.test(name)) {
      throw new Expected('a name of a host in small letters, such as pip.example.no or pip.example.no:8443');
    }
    return name;
  },
};

/** Which bundle judges, and what bundles may use. */
export const policySettings = section(
  'Policy',
  {
    policyBundle: setting(path, {
      fallback: fileURLToPath(new URL('../../bundles/tilgang.tar.gz', import.meta.url)),
      fallbackText: 'the bundle in the package',
      about: 'OPA bundle (tar.gz with policy.wasm) that judges.',
    }),
    accessBundles: setting(listOf(path), {
      fallback: [],
      fallbackText: 'none',
      about:
        'OPA bundles (tar.gz with policy.wasm) that judge kinds of subjects and resources of their own for AuthZEN, as their manifests declare (docs/authzen.md). They are trusted: they run as the one above.',
    }),
    bundleDeadlineMs: setting(integer(10, 10_000), {
      fallback: 50,
      about:
        'How long a question to an application’s own bundle may take, in milliseconds; then it is ended, and the caller told that there is no answer.',
    }),
    bundleMemoryMib: setting(integer(4, 1024), { fallback: 64, about: 'Most memory that an instance of such a bundle may have, in MiB.' }),
    policyHosts: setting(listOf(host), {
      fallback: [],
      fallbackText: 'none',
      about: 'Hosts that policies which run apart may ask with http.send and net.lookup_ip_addr.',
    }),
    policyNetworks: setting(listOf(network), {
      fallback: [],
      fallbackText: 'none',
      about: 'Private networks that those hosts may be in.',
    }),
    policySources: setting(sourceList, {
      fallback: [],
      fallbackText: 'none',
      about:
        'Where signed bundles are taken from, as YAML or JSON: `name`, `application` (App-ID; without it the standard rules), `url` (of OPA’s bundle protocol) or `path` (a tarball, or a folder of which the last .tar.gz counts), `tokenFile` (a bearer token for the server), `everySeconds` (default 60), `waitSeconds` (long polling; default 0), `staleAfterSeconds` (after so long without success nobody is judged by its rules; without it they judge for ever).',
    }),
  },
  ({ policySources }) => sourceFaults(policySources).map(({ pointer, detail }) => ({ pointer, detail: `${pointer.slice(1)} ${detail}` })),
);
