import { createHash } from 'node:crypto';
import Router from '@koa/router';
import type { JwkSet, PublishedIssuer } from '#tokens';
import { answer } from '../answer.js';
import type { Api } from '../api.js';
import { ifNoneMatch } from '../preconditions.js';
import { routed } from '../routed.js';
import { type Context, exactPaths, type RequestState } from '../state.js';

/** What is published for a day before it signs may be kept for an hour: so long nobody misses a key that was withdrawn at once. */
const KEPT = 'public, max-age=3600';

/** An issuer of our own: its metadata (RFC 8414) and its public keys (RFC 7517). */
export type Issuer = Pick<PublishedIssuer, 'path' | 'metadata' | 'jwks'>;

/** A document as it is sent. */
interface Document {
  readonly of: object;
  readonly body: string;
  readonly tag: string;
}

/** Metadata and keys of our own issuers, open to all. */
export function issuerApi(issuers: readonly Issuer[]): Api {
  const router = new Router<RequestState>(exactPaths);
  for (const { path, metadata, jwks } of issuers) {
    const base = path.replace(/\/$/, '');
    const told = documentOf(metadata);
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      // Behind the issuer, as Maskinporten has it; between host and path (RFC 8414 §3.1), with its last slash and without.
      const places = [`${base}/.well-known/${name}`, `/.well-known/${name}${base}`, `/.well-known/${name}${base}/`];
      router.get(places, (ctx) => {
        ctx.state.route = `${base}/.well-known/${name}`;
        send(ctx as Context, told);
      });
    }
    let keys = documentOf(jwks());
    router.get(`${base}/jwk`, (ctx) => {
      ctx.state.route = `${base}/jwk`;
      const now: JwkSet = jwks();
      if (now !== keys.of) keys = documentOf(now);
      // Nobody keeps that there are none yet.
      send(ctx as Context, keys, now.keys.length === 0 ? 'no-store' : KEPT);
    });
  }
  return { mounts: ['/.well-known', ...issuers.map(({ path }) => path.replace(/\/$/, ''))], handler: routed(router) };
}

function documentOf(of: object): Document {
  const body = JSON.stringify(of);
  return { of, body, tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

function send(ctx: Context, { body, tag }: Document, kept = KEPT): void {
  const headers = { 'Cache-Control': kept, ETag: tag };
  if (ifNoneMatch(ctx, tag)) answer(ctx, { status: 304, headers });
  else answer(ctx, { status: 200, headers: { ...headers, 'Content-Type': 'application/json; charset=utf-8' }, body });
}
