import Router from '@koa/router';
import type { Api } from '../api.js';
import { routed } from '../routed.js';
import { exactPaths, type RequestState } from '../state.js';

/** An issuer of the demo mode: its metadata (RFC 8414) and its public keys. */
export interface DemoIssuer {
  /** Path of the issuer below the origin, such as `/maskinporten/`. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly jwks: () => { readonly keys: readonly unknown[] };
}

/** Metadata and keys of the demo issuers, so that their tokens are verified just as anybody else's. */
export function demoIssuerApi(issuers: readonly DemoIssuer[]): Api {
  const router = new Router<RequestState>(exactPaths);
  for (const { path, metadata, jwks } of issuers) {
    const base = path.replace(/\/$/, '');
    for (const document of ['oauth-authorization-server', 'openid-configuration']) {
      router.get([`${base}/.well-known/${document}`, `/.well-known/${document}${base}`], (ctx) => {
        ctx.state.route = `${base}/.well-known/${document}`;
        ctx.body = metadata;
      });
    }
    router.get(`${base}/jwk`, (ctx) => {
      ctx.state.route = `${base}/jwk`;
      ctx.body = jwks();
    });
  }
  return { mounts: ['/.well-known', ...issuers.map(({ path }) => path.replace(/\/$/, ''))], handler: routed(router) };
}
