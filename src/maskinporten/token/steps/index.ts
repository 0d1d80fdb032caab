// The checks of a token request, one in a file, in the order in which their faults are told (docs/maskinporten.md).
// Each takes what is known and finds more, or what is wrong; none but the last decides who may do what: that one asks the rules.
// issue-token.ts runs them; nobody else calls.
import { Checks } from '../check.js';
import type { TokenParts } from '../parts.js';
import { admit } from './admit.js';
import { readAssertion } from './assertion.js';
import { checkAudience } from './audience.js';
import { readDetails } from './authorization-details.js';
import { findClient } from './client.js';
import { checkForm, type Form } from './form.js';
import { findKey } from './key.js';
import { useOnce } from './replay.js';
import { judgeScopes } from './scopes.js';
import { checkSignature } from './signature.js';
import { checkTimes } from './times.js';

/** All of them. */
export const checks = Checks.of<TokenParts, Form>()
  .and(checkForm)
  .and(readAssertion)
  .and(admit('claimed'))
  .and(findClient)
  .and(findKey)
  .and(checkSignature)
  .and(checkAudience)
  .and(checkTimes)
  .and(admit('proven'))
  .and(useOnce)
  .and(readDetails)
  .and(judgeScopes);
