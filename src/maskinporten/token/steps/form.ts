import { JWT_BEARER } from '#tokens';
import { TokenFault } from '../token-fault.js';

/** The parameters of a form, as they were sent and in their order. */
export interface Form {
  readonly form: Iterable<readonly [string, string]>;
}

/** Exactly the two parameters, each once (RFC 6749 §3.2). */
export function checkForm({ form }: Form): { readonly assertion: string } | TokenFault {
  const sent = new Map<string, string>();
  for (const [name, value] of form) {
    if (name !== 'grant_type' && name !== 'assertion')
      return faulty('no parameters but grant_type and assertion are taken; who the client is (client_id) is said by the assertion alone');
    if (sent.has(name)) return faulty(`${name} is there twice`);
    sent.set(name, value);
  }
  const grantType = sent.get('grant_type') ?? '';
  const assertion = sent.get('assertion') ?? '';
  if (grantType === '') return faulty('grant_type is missing');
  if (grantType !== JWT_BEARER) return new TokenFault('unsupported-grant-type');
  return assertion === '' ? faulty('assertion is missing') : { assertion };
}

function faulty(detail: string): TokenFault {
  return new TokenFault('invalid-form', { detail });
}
