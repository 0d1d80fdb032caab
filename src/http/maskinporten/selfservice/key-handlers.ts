import { isFault, toInstant } from '#domain';
import {
  listEndingKeys,
  parseKid,
  publicKeyInText,
  publicKeyOf,
  putKey,
  readKey,
  readKeys,
  removeKey,
  removeKeys,
  replaceKeys,
  type Side,
  type SideParts,
} from '#maskinporten';
import { invalid, ProblemError } from '#problem';
import { type BodyLimits, mediaType, readBytes } from '../../json-body.js';
import { pageOut, rangeOf } from '../../linked-pages.js';
import { ifMatchSent } from '../../preconditions.js';
import { clientIdIn } from './client-handlers.js';
import { endingOut, keyOut, keysOut } from './client-wire.js';
import { type Ask, answer, askingOf, type Handlers, type Query } from './exchange.js';
import type { Wire } from './wire.js';

/** A chain of certificates in a JWK is the longest that is sent so. */
const MAX_KEY_BYTES = 65_536;

const nowOf = ({ clock }: SideParts) => toInstant(clock());

/** The keys of clients. */
export function keyHandlers(side: Side, limits: BodyLimits): Handlers {
  return {
    async listExpiringKeys(ask: Ask<undefined, Query<'listExpiringKeys'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { within_days: days = 60 } = ask.query;
      const { items, next } = await listEndingKeys(parts, asking, days, rangeOf(ask.query));
      return pageOut(
        ask.ctx,
        next,
        items.map((item) => endingOut(item, nowOf(parts))),
      );
    },
    async readKeys(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      const view = await readKeys(parts, asking, clientIdIn(ask));
      return answer(keysOut(view, nowOf(parts)), view.revision);
    },
    async replaceKeys(ask: Ask<Wire<'NewJwkSet'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      const view = await replaceKeys(
        parts,
        asking,
        clientIdIn(ask),
        ifMatchSent(ask.ctx),
        ask.body.keys as Readonly<Record<string, unknown>>[],
      );
      return answer(keysOut(view, nowOf(parts)), view.revision);
    },
    async removeKeys(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      await removeKeys(parts, asking, clientIdIn(ask), ifMatchSent(ask.ctx));
      return { status: 200 };
    },
    ...singleKeyHandlers(side, limits),
  };
}

function singleKeyHandlers(side: Side, limits: BodyLimits): Handlers {
  return {
    async readKey(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      const { key, revision } = await readKey(parts, asking, clientIdIn(ask), ask.params['kid'] ?? '');
      return answer(keyOut(key, nowOf(parts)), revision);
    },
    async putKey(ask: Ask<Wire<'NewJwk'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      const { key, revision } = await putKey(parts, asking, clientIdIn(ask), ifMatchSent(ask.ctx), (at) => {
        const kid = kidIn(ask.params['kid']);
        if (ask.body.kid !== undefined && ask.body.kid !== kid) throw invalid('/kid', 'must be that of the path, or be left out');
        return publicKeyOf({ ...ask.body, kid }, '', at);
      });
      return answer(keyOut(key, nowOf(parts)), revision);
    },
    async removeKey(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      await removeKey(parts, asking, clientIdIn(ask), ask.params['kid'] ?? '', ifMatchSent(ask.ctx));
      return { status: 200 };
    },
    async addKey(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      mediaType(ask.ctx.req, ['text/plain']);
      const text = (await readBytes(ask.ctx.req, { ...limits, maxBodyBytes: MAX_KEY_BYTES })).toString();
      const { key, revision } = await putKey(parts, asking, clientIdIn(ask), ifMatchSent(ask.ctx), (at) => publicKeyInText(text, at));
      return answer(keyOut(key, nowOf(parts)), revision);
    },
  };
}

/** The id of a key in a path. @throws ProblemError `not-found` for what can be none */
function kidIn(text = ''): string {
  const kid = parseKid(text);
  if (isFault(kid)) throw new ProblemError('not-found', { detail: `The id of a key ${kid.detail}.` });
  return kid;
}
