import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { organisations } from '#access';
import { openAccess } from '#installation';
import { runInside } from '../fixtures/command-inside.js';
import { demoConfig } from '../fixtures/filled-folder.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startProxy } from '../storage/mongodb-proxy.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';

const ORGNR = '958935420';

const missing = whyNoMongo();
void t.test(
  'what a command finds to be so already counts for all gateways once it has ended, also a change of another that was cut off (threats 22, 23)',
  { skip: missing ?? false },
  async (t) => {
    const server = await startMongo();
    t.teardown(() => server.stop());
    const uri = server.freshUri();
    const proxy = await startProxy(t, uri);
    const data = temporaryFolder(t);
    const register = async (name: string, at: string) => {
      const file = join(data, `${name}.csv`);
      writeFileSync(file, `orgnr,name\n${ORGNR},${name}\n`);
      const env = { TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_MONGODB_URI: at };
      return await runInside(['orgs', 'import', file], env);
    };
    t.match(await register('Oslo', uri), { code: 0, stdout: /1/ });
    const { access, close } = await openAccess(demoConfig(data, { mongodbUri: uri }));
    t.teardown(close);
    const told = async () => (await (await access.store.read([])).registry(access.store.collection(organisations), ORGNR))?.value.name;
    t.equal(await told(), 'Oslo');

    // Written, and cut off before anybody is told.
    proxy.play(({ name }) => (name === 'findAndModify' ? 'cut before' : 'pass'));
    t.equal((await register('Oslo kommune', proxy.uri)).code, 1);
    t.equal(await told(), 'Oslo', 'nobody has been told otherwise');
    const again = await register('Oslo kommune', uri);
    t.match(again, { code: 0, stdout: /unchanged 1/ });
    t.equal(await told(), 'Oslo kommune');
  },
);
