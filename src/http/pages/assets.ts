import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { answer } from '../answer.js';
import type { Api } from '../api.js';
import type { Context } from '../state.js';

const BASE = '/assets';
const require = createRequire(import.meta.url);

/** What pages ask for beside themselves. */
export type AssetName = 'pages' | 'icon';

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly zipped: Buffer;
}

/** Files, one after another. Designsystemet's own are as its package has them; ours comes last, and outside its layers, so it counts. */
const MADE_OF = {
  pages: {
    ending: 'css',
    type: 'text/css; charset=utf-8',
    files: () => [
      require.resolve('@digdir/designsystemet-css'),
      require.resolve('@digdir/designsystemet-css/theme.css'),
      new URL('./pages.css', import.meta.url),
    ],
  },
  icon: { ending: 'svg', type: 'image/svg+xml', files: () => [new URL('./icon.svg', import.meta.url)] },
} as const;

const made = new Map<AssetName, Asset>();

function asset(name: AssetName): Asset {
  let found = made.get(name);
  if (found === undefined) {
    const { ending, type, files } = MADE_OF[name];
    const body = Buffer.from(
      files()
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n'),
    );
    const mark = createHash('sha256').update(body).digest('base64url').slice(0, 12);
    found = { path: `${BASE}/${name}.${mark}.${ending}`, type, body, zipped: gzipSync(body) };
    made.set(name, found);
  }
  return found;
}

/** Where pages ask for it: what it holds is marked in its name, so it may be kept for ever. */
export function assetPath(name: AssetName): string {
  return asset(name).path;
}

/** Style and icon of the pages, of our own origin. */
export function assetsApi(): Api {
  return {
    mounts: [BASE],
    handler(ctx, next) {
      const [, name = '', ending] = /^\/assets\/([a-z]+)\.[\w-]{12}\.(css|svg)$/.exec(ctx.path) ?? [];
      if (!Object.hasOwn(MADE_OF, name) || MADE_OF[name as AssetName].ending !== ending) return next();
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
      ctx.state.route = `${BASE}/${name}`;
      send(ctx, asset(name as AssetName));
    },
  };
}

/** Under another mark stands what a node of another version has: a page of its is dressed in what there is here, and nobody keeps that. */
function send(ctx: Context, { path, type, body, zipped }: Asset): void {
  const isZipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  answer(ctx, {
    status: 200,
    headers: {
      'Content-Type': type,
      ...(isZipped ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : { Vary: 'Accept-Encoding' }),
      'Cache-Control': ctx.path === path ? 'public, max-age=31536000, immutable' : 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
    body: isZipped ? zipped : body,
  });
}
