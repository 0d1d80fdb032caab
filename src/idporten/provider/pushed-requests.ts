import type { Provider } from 'oidc-provider';

/** How long a pushed request may be used (RFC 9126 §2.2); the provider itself has half of it, and says so nowhere. */
export const PAR_SECONDS = 120;

interface PushedRequest {
  request: string;
  save(ttl: number): Promise<string>;
}

/** Has pushed requests be usable for as long as ID-porten's are. Before the first is made. */
export function prolongPushedRequests(provider: Provider): void {
  const kept = provider.PushedAuthorizationRequest.prototype as unknown as PushedRequest;
  const { save } = kept;
  kept.save = function saveLonger(this: PushedRequest): Promise<string> {
    this.request = prolonged(this.request);
    return save.call(this, PAR_SECONDS);
  };
}

/** The request is kept as an unsigned JWT, which ends by itself. */
function prolonged(request: string): string {
  const [header = '', payload = '', signature = ''] = request.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number };
  const longer = { ...claims, exp: claims.iat + PAR_SECONDS };
  return [header, Buffer.from(JSON.stringify(longer)).toString('base64url'), signature].join('.');
}
