// @ts-check
// A policy enforcement point: asks Tilgang (AuthZEN 1.0 §6) before a request goes on. What is not a plain yes shuts the door, and nothing is remembered but
// the token that it asks with.
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, importPKCS8, SignJWT } from 'jose';

/** Seconds that an assertion lives, of which Maskinporten allows 120; and how long before its end a token is fetched anew. */
const ASSERTION_SECONDS = 60;
const EARLY_MS = 30_000;
const FETCH_MS = 5000;
const ALGORITHM = 'RS256';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export class NoAnswer extends Error {
  status = /** @type {const} */ (503);
  name = 'NoAnswer';
}

/** A refusal, as Koa and Express read errors: the message is for the person. */
class Refused extends Error {
  expose = true;
  name = 'Refused';
  /** @param {401 | 403} status */
  constructor(status) {
    super(status === 401 ? 'Log in.' : 'You have no access here.');
    this.status = status;
  }
}

/** @type {typeof import('./index.js').maskinportenToken} */
export function maskinportenToken({ issuer, tokenEndpoint = `${issuer}token`, clientId, key, kid, scope = 'ks:fiks', resource }) {
  const signer = signerOf(key, kid);
  // Told when it is needed.
  signer.catch(() => {});
  /** @type {{ token: string, untilMs: number } | undefined} */
  let kept;
  /** @type {Promise<string> | undefined} */
  let underWay;

  async function fetchToken() {
    const { privateKey, name } = await signer;
    const claims = { scope, resource: [resource], jti: randomUUID() };
    const assertion = await new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: name })
      .setIssuer(clientId)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime(`${ASSERTION_SECONDS}s`)
      .sign(privateKey);
    const askedMs = Date.now();
    const { status, json } = await post(tokenEndpoint, {}, new URLSearchParams({ grant_type: GRANT_TYPE, assertion }), FETCH_MS);
    const { access_token: token, expires_in: seconds } = json ?? {};
    if (status !== 200 || typeof token !== 'string' || typeof seconds !== 'number') {
      // RFC 6749 §5.2: the code is a word of the standard, the rest is not looked at.
      const code = /^[a-z_]{1,50}$/.test(json?.error) ? `, ${json.error}` : '';
      throw new NoAnswer(`no token from the token endpoint: ${status}${code}`);
    }
    kept = { token, untilMs: askedMs + seconds * 1000 - Math.min(EARLY_MS, seconds * 500) };
    return token;
  }

  return async (force = false) => {
    if (!force && kept !== undefined && Date.now() < kept.untilMs) return kept.token;
    underWay ??= fetchToken().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** @param {string} pem @param {string | undefined} kid */
async function signerOf(pem, kid) {
  try {
    const privateKey = await importPKCS8(pem, ALGORITHM, { extractable: true });
    return { privateKey, name: kid ?? (await calculateJwkThumbprint(await exportJWK(privateKey))) };
  } catch {
    // What the parser says may quote the key.
    throw new TypeError('key must be a private RSA key in PEM (PKCS #8)');
  }
}

/** @type {typeof import('./index.js').createPep} */
export function createPep({ tilgang, token, timeoutMs = FETCH_MS }) {
  const address = new URL('/access/v1/evaluation', tilgang).href;

  /** @param {import('./index.js').Question & { readonly person: string }} question */
  async function allows({ person, application, role = 'use', organisation, acr }) {
    const body = JSON.stringify({
      subject: { type: 'person', id: person },
      action: { name: role },
      resource: { type: 'application', id: application, properties: organisation === undefined ? {} : named(organisation) },
      context: { acr },
    });
    const ask = async (/** @type {boolean} */ anew) => {
      const headers = { Authorization: `Bearer ${await token(anew)}`, 'Content-Type': 'application/json' };
      return post(address, headers, body, timeoutMs);
    };
    let answer = await ask(false);
    // A key was changed, or the clock: once with a new token.
    if (answer.status === 401) answer = await ask(true);
    const { status, json } = answer;
    if (status !== 200 || typeof json?.decision !== 'boolean') throw new NoAnswer(`Tilgang gives no answer: ${status}`);
    return json.decision;
  }

  /** @param {import('./index.js').Question} question @throws {Refused | NoAnswer} */
  async function assertAllowed(question) {
    const { person } = question;
    if (typeof person !== 'string' || person === '') throw new Refused(401);
    if (!(await allows({ ...question, person }))) throw new Refused(403);
  }

  return {
    allows,
    koa: (questionOf) => async (context, next) => {
      await assertAllowed(await questionOf(context));
      await next();
    },
    express: (questionOf) => async (request, response, next) => {
      try {
        await assertAllowed(await questionOf(request));
      } catch (error) {
        if (!(error instanceof Refused)) return next(error);
        response.writeHead(error.status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(error.message);
        return;
      }
      next();
    },
  };
}

/**
 * Which organisation, as it is asked about. What is there but empty, such as a part of a path that was not sent, is not to mean any.
 * @param {object} organisation
 */
function named(organisation) {
  for (const [name, value] of Object.entries(organisation)) {
    if (typeof value !== 'string' || value === '') throw new TypeError(`organisation.${name} is no text`);
  }
  return organisation;
}

/**
 * @param {string} address
 * @param {Record<string, string>} headers
 * @param {string | URLSearchParams} body
 * @param {number} timeoutMs
 * @returns {Promise<{ status: number, json: any }>}
 */
async function post(address, headers, body, timeoutMs) {
  try {
    // A token and a person number go to this address and to no other.
    const options = { redirect: /** @type {const} */ ('error'), signal: AbortSignal.timeout(timeoutMs) };
    const response = await fetch(address, { method: 'POST', headers, body, ...options });
    const text = await response.text();
    return { status: response.status, json: jsonIn(text) };
  } catch {
    // What fetch says may quote what was sent.
    throw new NoAnswer(`no answer from ${new URL(address).origin}`);
  }
}

/** @param {string} text */
function jsonIn(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
