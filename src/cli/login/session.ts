import type { RemotePlace } from '../gateway-call.js';
import type { Keyring, Login } from './keyring.js';

/** A token that ends sooner could end on the way. */
const LEAST_MS = 20_000;

/** A gateway at which somebody is logged in, with a token that is good for a while; refreshed if need be. @param origin the one that was logged in at last if it is left out. @throws ProblemError `login-over`, `keyring-unusable` */
export async function loggedInPlace(keyring: Keyring, origin?: string): Promise<RemotePlace | undefined> {
  const login = await keyring.find(origin);
  if (login === undefined) return undefined;
  if (isGood(login)) return placeOf(login);
  return keyring.alone(async () => {
    // Another command may have been quicker.
    const now = await keyring.find(login.origin);
    if (now === undefined || isGood(now)) return now && placeOf(now);
    const { refreshed } = await import('./at-issuer.js');
    const next = await refreshed(now);
    await keyring.renew(next);
    return placeOf(next);
  });
}

function isGood({ expiresAt }: Login): boolean {
  return expiresAt - Date.now() > LEAST_MS;
}

function placeOf({ origin, accessToken }: Login): RemotePlace {
  return { origin, token: accessToken };
}
