import { lookUpPerson, lookUpPersonAt, removePerson, whyForKonsument } from '#access';
import type { RateLimit } from '#serving';
import { callerName } from '../callers.js';
import { explained, whyQuestion } from '../explained.js';
import { orgnrIn, placeIn } from '../path-names.js';
import { ifMatch } from '../preconditions.js';
import { pastIn, personNumber, reasonOf } from '../wire-parts.js';
import { type Ask, answer, type Query, type Reasoned } from './exchange.js';
import { personOut, type Wire } from './wire.js';

/** All that one person has in an organisation. @param lookUps how many look-ups a caller may make in a minute */
export function personHandlers(lookUps: RateLimit) {
  return {
    async slaaOppPerson({ access, request, params, body: { brukerIdent, tidspunkt } }: Ask<Wire<'Oppslag'>>) {
      await lookUps.use(callerName(request.caller));
      const brukerId = access.vault.nameOf(personNumber(brukerIdent));
      const whose = { orgnr: orgnrIn(params), brukerId };
      if (tidspunkt === undefined) return answer(personOut(await lookUpPerson(access, request, whose)));
      const grants = await lookUpPersonAt(access, request, whose, pastIn(tidspunkt, access.clock()));
      return answer(personOut({ brukerId, grants, assignment: undefined }));
    },
    async forklarAvgjorelse({ access, ctx, request, params, query, body }: Ask<Wire<'Forklaringsporsmal'>, Query<'forklarAvgjorelse'>>) {
      await lookUps.use(callerName(request.caller));
      return explained(ctx, query.sprak, await whyForKonsument(access, request, placeIn(params), whyQuestion(body)));
    },
    async hentPerson({ access, request, params }: Ask) {
      await lookUps.use(callerName(request.caller));
      const view = await lookUpPerson(access, request, placeIn(params));
      return answer(personOut(view), view.revision);
    },
    async fjernPerson({ access, ctx, request, params, body }: Ask<Reasoned | undefined>) {
      const { withdrawn } = await removePerson(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason);
      return answer({ trukket: withdrawn } satisfies Wire<'Fjernet'>);
    },
  };
}
