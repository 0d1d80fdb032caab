import { type Instant, parsePeriodStart, parsePersonNumber, toInstant } from '#domain';
import { askLevel } from '#idporten';
import { invalid, ProblemError } from '#problem';
import { type AdminExchange, adminApi } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import type { Reply } from '../../state.js';
import { sound } from '../../wire-parts.js';
import type { components } from './wire.gen.js';

type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/** Whether persons have logged in at the highest level. */
export function authlevelApi(parts: ApiParts): Api {
  return adminApi(import.meta.url, parts, { hentSikkerhetsnivaa }, {});
}

async function hentSikkerhetsnivaa({ access, request, body }: AdminExchange<Wire<'SikkerhetsnivaaRequest'>, unknown>): Promise<Reply> {
  const { personidentifikator, fraDato } = body;
  const person = sound('/personidentifikator', parsePersonNumber(personidentifikator));
  const since = fraDato === undefined ? undefined : pastIn(fraDato, toInstant(access.clock()));
  const level = await askLevel(access, request, { person, since });
  if (level === 'unknown') throw new ProblemError('person-not-found');
  const answer: Wire<'Sikkerhetsnivaa'> = { personidentifikator, harbruktnivaa4: level === 'yes' };
  return { status: 200, body: answer };
}

function pastIn(text: string, now: Instant): Instant {
  const since = sound('/fraDato', parsePeriodStart(text));
  if (since > now) throw invalid('/fraDato', 'is later than now: name a day that has begun');
  return since;
}
