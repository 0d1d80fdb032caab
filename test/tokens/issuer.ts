import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Test } from 'tap';
import { type Caller, createTokenVerifier, type TokenVerifier, type TokenVerifierOptions, type TrustedIssuer } from '#tokens';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const SECONDS = NOW / 1000;
export const AUDIENCE = 'https://tilgang.example.test/';
export const PID = '01819000049';

/** A key pair as the issuer holds it: the public JWK and the private key. */
export async function keyPair(kid: string, alg = 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg };
  return { kid, alg, jwk, privateKey };
}

export type Pair = Awaited<ReturnType<typeof keyPair>>;

/** An issuer on 127.0.0.1 with metadata and keys that the test changes as it likes, and a count of each path asked for. */
export async function startIssuer(t: Pick<Test, 'teardown'>, keys: unknown[], path = '/maskinporten/') {
  const hits: string[] = [];
  const state = {
    keys,
    down: false,
    delayMs: 0,
    metadata: undefined as unknown,
    /** Answers instead of the usual, if set. */
    raw: undefined as undefined | { path: string; status: number; headers?: Record<string, string>; body: string },
  };
  const server = createServer((request, response) => {
    hits.push(request.url ?? '');
    if (state.down) return void request.socket.destroy();
    if (state.raw !== undefined && request.url === state.raw.path) {
      return void response.writeHead(state.raw.status, state.raw.headers).end(state.raw.body);
    }
    setTimeout(() => {
      if (request.url === `${path}jwk`) return response.end(JSON.stringify({ keys: state.keys }));
      if (request.url !== `${path}.well-known/oauth-authorization-server`) return response.writeHead(404).end();
      return response.end(JSON.stringify(state.metadata ?? { issuer, jwks_uri: `${issuer}jwk` }));
    }, state.delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${origin}${path}`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const fetches = () => hits.filter((url) => url === `${path}jwk`).length;
  return Object.assign(state, { issuer, origin, hits, fetches });
}

/** A clock that the test moves. */
export function clockAt(now = NOW) {
  const clock = Object.assign(() => clock.now, { now });
  return clock;
}

export function verifierFor(issuer: string, rest: Partial<TokenVerifierOptions> = {}, trusted: Partial<TrustedIssuer> = {}): TokenVerifier {
  const issuers = [{ issuer, kind: 'maskinporten' as const, audience: AUDIENCE, algorithms: ['RS256' as const], ...trusted }];
  return createTokenVerifier({ clock: clockAt(), ...rest, issuers });
}

/** Maskinporten's claims, good for two minutes from NOW. */
export function claims(issuer: string, changed: Record<string, unknown> = {}): JWTPayload {
  return {
    iss: issuer,
    aud: AUDIENCE,
    client_id: 'client-1',
    consumer: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
    scope: 'ks:tilgang ks:tilgang.admin',
    iat: SECONDS,
    exp: SECONDS + 120,
    ...changed,
  };
}

export function signed(pair: Pair, payload: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: pair.alg, kid: pair.kid, ...header }).sign(pair.privateKey);
}

/** The slug and detail of the refusal, or `taken`. */
export async function outcome(answer: Caller | Promise<Caller>): Promise<string> {
  try {
    await answer;
    return 'taken';
  } catch (error) {
    const { slug, detail } = error as { slug?: string; detail?: string };
    return slug === undefined ? String(error) : detail === undefined ? slug : `${slug}: ${detail}`;
  }
}
