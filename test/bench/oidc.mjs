// A person logs in by code and PKCE, from the client's request to its tokens: our CPU beside a bare oidc-provider with its memory adapter, in turns.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { operatorRequest } from '#access';
import { loadConfig } from '#config';
import { demoWorld } from '#demo';
import { toInstant } from '#domain';
import { openAccess } from '#installation';
import { createClient } from '#maskinporten';
import { cpuMicros } from './proc.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, startNode, stop } from './scratch.mjs';
import { startGateway } from './servers.mjs';

const FLOOR = fileURLToPath(new URL('oidc-floor.mjs', import.meta.url));
const HOME = 'http://127.0.0.1:9/cb';
/** At once: as many as share a flush of the store in a small service. */
const TOGETHER = 4;
/** By then V8 has compiled what it will: two minutes and more are not measured, since from then on what has ended is swept as well. */
const WARM_UP = 3000;

/** One log-in, as a browser and a client make it: four requests. */
async function logIn({ authorize, token, id, secret, hint }) {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = { client_id: id, response_type: 'code', redirect_uri: HOME, scope: 'openid profile', state: 's', nonce: 'n' };
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256', ...(hint === undefined ? {} : { login_hint: hint }) };
  const cookies = new Map();
  let url = new URL(`${authorize}?${new URLSearchParams({ ...asked, ...pkce })}`);
  for (let hops = 0; url.origin !== new URL(HOME).origin; hops += 1) {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    await answer.arrayBuffer();
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null || hops > 5) throw new Error(`a log-in was answered ${answer.status}`);
    url = new URL(location, url);
  }
  const form = { grant_type: 'authorization_code', code: url.searchParams.get('code'), redirect_uri: HOME, code_verifier: verifier };
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const answer = await fetch(token, { method: 'POST', body: new URLSearchParams(form), headers: { authorization } });
  const { id_token: idToken, access_token: accessToken } = await answer.json();
  if (idToken === undefined || accessToken === undefined) throw new Error(`a code was answered ${answer.status}`);
}

async function round(server, count) {
  const before = cpuMicros(server.pid);
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: TOGETHER }, async () => {
      for (let i = 0; i < count / TOGETHER; i += 1) await logIn(server);
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  return { cpu: (cpuMicros(server.pid) - before) / count, rate: count / seconds };
}

async function startOwn(folder) {
  const gateway = await startGateway(folder, { TILGANG_LOGINS_PER_MINUTE: '1000000' });
  const { access, side, close } = await openAccess(loadConfig({ TILGANG_MODE: 'demo', TILGANG_DATA: gateway.data }), Date.now, false);
  const client = { id: 'bench', name: 'bench', orgnr: '958935420', redirectUris: [HOME], integrationType: 'idporten' };
  const sent = { ...client, tokenEndpointAuthMethod: 'client_secret_basic' };
  const { secret } = await createClient({ ...access, side: await side() }, operatorRequest(), sent);
  await close();
  const [person] = demoWorld(toInstant(0)).persons;
  const issuer = `${gateway.origin}/idporten`;
  const hint = `testid:${person.brukerIdent}_idporten-loa-high`;
  return { ...gateway, authorize: `${issuer}/authorize`, token: `${issuer}/token`, id: 'bench', secret, hint };
}

async function startBare() {
  const child = startNode([FLOOR], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  const issuer = `http://127.0.0.1:${String(port).trim()}`;
  return { child, pid: child.pid, authorize: `${issuer}/auth`, token: `${issuer}/token`, id: 'bench', secret: 'x'.repeat(43) };
}

/** The code flow, end to end. */
export async function benchOidc({ rounds, seconds }, { print }) {
  const folder = scratchFolder();
  const [own, bare] = [await startOwn(folder), await startBare()];
  const count = 100 * seconds;
  for (const server of [own, bare]) await round(server, WARM_UP);
  const measured = { own: [], bare: [] };
  for (let i = 0; i < rounds; i += 1) {
    measured.bare.push(await round(bare, count));
    measured.own.push(await round(own, count));
  }
  const of = (name, what) => median(measured[name].map((one) => one[what]));
  const ratios = measured.own.map(({ cpu }, i) => cpu / measured.bare[i].cpu);
  const row = (title, name) => [title, whole(of(name, 'cpu')), of(name, 'rate').toFixed(0)];
  print(`## A log-in by code and PKCE

From the client's request to its tokens: ${count} log-ins a round, ${TOGETHER} at once, ${rounds} rounds in turns; four requests each, two signatures of RS256 with 2048 bits.

${table(['', 'CPU µs', 'log-ins/s'], [row('Tilgang', 'own'), row('oidc-provider, in memory', 'bare')])}

Our CPU beside the bare one: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}).
`);
  await Promise.all([stop(own.child), stop(bare.child)]);
  removeFolder(folder);
}
