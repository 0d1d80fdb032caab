import type { PersonNumber } from '#domain';
import { changeOwnLanguage, lookUpContacts, readOwnContact } from '#idporten';
import type { TokenSigner } from '#tokens';
import { type AdminExchange, adminApi } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import type { Context, Reply } from '../../state.js';
import { personOut, personsIn, type Wire } from './wire.js';

type Ask<Body = undefined> = AdminExchange<Body, unknown>;

/** What answers to persons are signed with, if they ask for that. */
export type AnswerSigner = Pick<TokenSigner, 'sign'>;

/** The contact register: for machines about many persons, for a person about oneself. @param signer absent: no answer is signed */
export function krrApi(parts: ApiParts, signer?: AnswerSigner): Api {
  const handlers = {
    hentPersoner: (ask: Ask<Wire<'PersonerRequest'>>) => personer(ask, true),
    hentPersonerV2: (ask: Ask<Wire<'PersonerV2Request'>>) => personer(ask, ask.body.inkluderIkkeRegistrerte === true),
    hentPerson: (ask: Ask) => hentPerson(ask, signer),
    endrePerson,
  };
  return adminApi(import.meta.url, parts, handlers, {});
}

async function personer(
  { access, request, body: { personidentifikatorer } }: Ask<Wire<'PersonerRequest'>>,
  includesUnregistered: boolean,
): Promise<Reply> {
  const told = await lookUpContacts(access, request, { persons: personsIn(personidentifikatorer), includesUnregistered });
  return { status: 200, body: { personer: told.map(personOut) } };
}

const VARY = { Vary: 'Accept' };

/** How long a signed answer says something. */
const SIGNED_SECONDS = 24 * 60 * 60;

async function hentPerson({ ctx, access, request }: Ask, signer: AnswerSigner | undefined): Promise<Reply> {
  const person = personOut(await readOwnContact(access, request, ownNumber(ctx)));
  if (signer === undefined || ctx.accepts('application/json', 'application/jose') !== 'application/jose')
    return { status: 200, headers: VARY, body: person };
  const body = await signer.sign(person, { expiresInSeconds: SIGNED_SECONDS, now: access.clock() });
  return { status: 200, headers: { ...VARY, 'Content-Type': 'application/jose' }, body };
}

async function endrePerson({ ctx, access, request, body }: Ask<Wire<'PersonEndring'>>): Promise<Reply> {
  await changeOwnLanguage(access, request, { person: ownNumber(ctx), language: body.spraak });
  return { status: 204 };
}

/** Whose token it is; of a machine's there is nobody, and the policy says no to that. */
function ownNumber({ state: { caller } }: Context): PersonNumber | undefined {
  return caller?.kind === 'person' ? caller.pid : undefined;
}
