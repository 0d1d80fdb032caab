import { present } from '#domain';
import { ProblemError } from '#problem';
import type { TokenSigner } from '#tokens';
import { answer } from '../answer.js';
import type { Api } from '../api.js';

const PATH = '/.well-known/authzen-configuration';
const LIFETIME_MS = 24 * 60 * 60_000;
/** So long it is told as it is; a client may keep it for as long. */
const KEPT_MS = 60 * 60_000;

/** Where the decision point says what it is. */
export interface Discovery {
  /** Of the gateway, as callers see it: the decision point's name. */
  readonly origin: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Absent: the metadata are not signed. */
  readonly signed?: { readonly issuer: string; readonly signer: Pick<TokenSigner, 'sign'> };
}

/** The metadata of the decision point (AuthZEN 1.0 §9), open to all. */
export function discoveryApi({ origin, clock, signed }: Discovery): Api {
  const metadata = {
    policy_decision_point: origin,
    access_evaluation_endpoint: `${origin}/access/v1/evaluation`,
    access_evaluations_endpoint: `${origin}/access/v1/evaluations`,
    search_subject_endpoint: `${origin}/access/v1/search/subject`,
    search_resource_endpoint: `${origin}/access/v1/search/resource`,
    search_action_endpoint: `${origin}/access/v1/search/action`,
  };
  const sign = async (now: number): Promise<string | undefined> => {
    const times = { expiresInSeconds: LIFETIME_MS / 1000, now };
    // In the first seconds of an installation there is no key yet, and what is told is true without.
    return signed?.signer.sign({ iss: signed.issuer, ...metadata }, times).catch(() => undefined);
  };
  let told: { readonly untilMs: number; readonly body: string } | undefined;
  return {
    mounts: [PATH],
    async handler(ctx, next) {
      if (ctx.path !== PATH) return next();
      ctx.state.route = PATH;
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new ProblemError('method-not-allowed', { allowed: ['HEAD', 'GET'] });
      const now = clock();
      if (told === undefined || told.untilMs <= now) {
        const signature = await sign(now);
        const isWhole = signed === undefined || signature !== undefined;
        told = { untilMs: isWhole ? now + KEPT_MS : now, body: JSON.stringify(present({ ...metadata, signed_metadata: signature })) };
      }
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': `public, max-age=${KEPT_MS / 1000}` };
      answer(ctx, { status: 200, headers, body: told.body });
    },
  };
}
