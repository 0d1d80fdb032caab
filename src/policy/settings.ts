import { fileURLToPath } from 'node:url';
import { Expected, listOf, path, type Reader, section, setting, text } from '#settings';
import { mayReach } from './outside/networks.js';

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

const network: Reader<string> = {
  type: 'network',
  read(written) {
    const given = text.read(written);
    try {
      mayReach('192.0.2.1', [given]);
      return given;
    } catch {
      throw new Expected('a network such as 10.1.0.0/16');
    }
  },
};

/** Which bundle judges. */
export const policySettings = section('Policy', {
  policyBundle: setting(path, {
    fallback: fileURLToPath(new URL('../../bundles/tilgang.tar.gz', import.meta.url)),
    fallbackText: 'the bundle in the package',
    about: 'OPA bundle (tar.gz with policy.wasm) that judges.',
  }),
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
});
