import t from 'tap';
import { demoWorld } from '#demo';
import { toInstant } from '#domain';
import { listIssuerKeys, rotateIssuer } from '#maskinporten';
import { freePort } from '../../fixtures/command.js';
import { demoFolder } from '../../fixtures/demo-folder.js';
import { demoConfig, type RunningGateway } from '../../fixtures/gateway.js';
import { startGatewayProcess } from '../../fixtures/gateway-process.js';
import { hiddenFields, idportenSide, UserAgent } from '../../fixtures/idporten.js';
import { storeVariableOf } from '../../fixtures/store-of-suite.js';

void t.test('logins go over two workers, and are not disturbed by another key that signs in the middle of them', async (t) => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const { data } = await demoFolder(t);
  const environment = { ...storeVariableOf(data), TILGANG_PORT: String(port), TILGANG_WORKERS: '2', TILGANG_PUBLIC_URL: publicUrl };
  const { running } = await startGatewayProcess(t, data, environment);
  const side = await idportenSide(t, { origin: publicUrl, config: demoConfig(data), world: demoWorld(toInstant(0)) } as RunningGateway);
  const { parts, operator, person } = side;
  const client = await side.client();
  // Several at once, so that each worker has connections.
  const begun = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const login = await client.begin();
      const agent = new UserAgent(publicUrl);
      return { login, agent, page: await agent.get(login.url) };
    }),
  );
  const [before] = await listIssuerKeys(parts, operator);
  const rotated = await rotateIssuer(parts, operator, { algorithm: 'ES256', modulusBits: 2048, atOnce: true });
  const kid = rotated.state === 'replaced' ? rotated.key.kid : '';
  t.not(kid, before?.kid);
  const headOf = (token = '') => JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
  await Promise.all(
    begun.map(async ({ login, agent, page }) => {
      const back = await agent.post(page.url, { ...hiddenFields(page.text), person: person.id });
      const answer = await fetch(`${side.issuer}/token`, {
        method: 'POST',
        // On a connection of its own: which worker has those that are kept is chance.
        headers: { Connection: 'close', Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: back.url.searchParams.get('code') ?? '',
          redirect_uri: login.url.searchParams.get('redirect_uri') ?? '',
          code_verifier: login.verifier,
        }),
      });
      const tokens = (await answer.json()) as Record<string, string>;
      for (const name of ['access_token', 'id_token'])
        t.same(headOf(tokens[name]), { alg: 'ES256', kid, ...(name === 'access_token' ? headOf(tokens[name]) : {}) });
    }),
  );
  const lines = running
    .stdout()
    .split('\n')
    .filter((line) => line.includes('/idporten/'));
  t.same([...new Set(lines.map((line) => (JSON.parse(line) as { worker: number }).worker))].sort(), [1, 2], 'both have answered');
});
