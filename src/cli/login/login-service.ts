import { present } from '#domain';
import { boundedText, within } from '#fetching';
import { ProblemError } from '#problem';

/** Where people log in for a gateway. */
export interface LoginService {
  readonly issuer: string;
  readonly clientId: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
/**
 * What a gateway says of where people log in for it: its metadata as a protected resource (RFC 9728), which name the issuer and the client of the command line.
 * @param chosen what the person has said instead
 * @throws ProblemError `login-failed` if the gateway does not answer, or says nothing of it
 */
export async function loginServiceOf(origin: string, chosen: Partial<LoginService>): Promise<LoginService> {
  if (chosen.issuer !== undefined && chosen.clientId !== undefined) return { issuer: chosen.issuer, clientId: chosen.clientId };
  const { isBound, ...told } = await metadataOf(origin);
  if (isBound)
    throw new ProblemError('login-failed', {
      detail: `${origin} takes only tokens that are bound to a key (DPoP), and the command line sends none: another program has to ask it`,
    });
  const { issuer, clientId } = { ...told, ...present(chosen) };
  if (issuer === undefined)
    throw new ProblemError('login-failed', { detail: `${origin} does not say where people log in: name the issuer by --issuer` });
  if (clientId === undefined)
    throw new ProblemError('login-failed', { detail: `${origin} does not say which client people log in by: name it by --client-id` });
  return { issuer, clientId };
}

/** What a gateway says of itself. */
interface Told extends Partial<LoginService> {
  /** Whether it takes bound tokens alone (RFC 9728 §2). */
  readonly isBound: boolean;
}

async function metadataOf(origin: string): Promise<Told> {
  try {
    return await within(TIMEOUT_MS, async (signal) => {
      const response = await fetch(`${origin}/.well-known/oauth-protected-resource`, {
        redirect: 'error',
        signal,
        headers: { accept: 'application/json' },
      });
      const text = await boundedText(response, { from: origin, maxBytes: MAX_BYTES, signal });
      if (response.status !== 200) throw new Error(`it answers ${response.status}`);
      const {
        resource,
        tilgang_login: login,
        dpop_bound_access_tokens_required: isBound,
      } = JSON.parse(text) as {
        resource?: unknown;
        dpop_bound_access_tokens_required?: unknown;
        tilgang_login?: { issuer?: unknown; client_id?: unknown };
      };
      // RFC 9728 §3.3: who answers for another one is not believed.
      if (resource !== origin) throw new Error('it calls itself by another name');
      const issuer = textOf(login?.issuer);
      // A gateway elsewhere sends nobody to what listens on this machine.
      if (issuer?.startsWith('http:') && !origin.startsWith('http:')) throw new Error('it names an issuer that is not https');
      return present({ issuer, clientId: textOf(login?.client_id), isBound: isBound === true });
    });
  } catch (cause) {
    throw new ProblemError('login-failed', {
      detail: `${origin} cannot be asked where people log in: look whether it is the gateway's address, and whether it runs`,
      cause: (cause as Error).cause ?? cause,
    });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
