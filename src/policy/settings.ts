import { fileURLToPath } from 'node:url';
import { path, section, setting } from '#settings';

/** Which bundle judges. */
export const policySettings = section('Policy', {
  policyBundle: setting(path, {
    fallback: fileURLToPath(new URL('../../bundles/tilgang.tar.gz', import.meta.url)),
    fallbackText: 'the bundle in the package',
    about: 'OPA bundle (tar.gz with policy.wasm) that judges.',
  }),
});
