import {
  appointAdministrator,
  changeAdministrator,
  leaveToAppoint,
  listAdministrators,
  readAdministrator,
  removeAdministrator,
} from '#access';
import { orgnrIn, placeIn } from '../path-names.js';
import { etagOf, ifMatch } from '../preconditions.js';
import { personNumber, reasonOf } from '../wire-parts.js';
import { type Ask, answer, type Reasoned } from './exchange.js';
import { administratorOut, assignmentTerms, patchedAssignment, type Wire } from './wire.js';

/** Who administers an organisation. */
export const administratorHandlers = {
  async listAdministratorer({ access, request, params }: Ask) {
    const all = await listAdministrators(access, request, orgnrIn(params));
    return answer({ administratorer: all.map(administratorOut) } satisfies Wire<'Administratorliste'>);
  },
  async utnevnAdministrator({ access, ctx, request, params, body: { brukerIdent, ...terms } }: Ask<Wire<'NyAdministrator'>>) {
    const person = personNumber(brukerIdent);
    const { view, isNew } = await appointAdministrator(access, request, orgnrIn(params), person, assignmentTerms(terms));
    const { brukerId, revision } = view.assignment;
    const headers = { ETag: etagOf(revision), Location: `${ctx.path}/${brukerId}` };
    return { status: isNew ? 201 : 200, headers, body: administratorOut(view) };
  },
  async hentAdministrator({ access, request, params }: Ask) {
    const view = await readAdministrator(access, request, placeIn(params));
    return answer(administratorOut(view), view.assignment.revision);
  },
  async endreAdministrator({ access, ctx, request, params, body }: Ask<Wire<'AdministratorPatch'>>) {
    const view = await changeAdministrator(access, request, placeIn(params), ifMatch(ctx), (assignment) =>
      patchedAssignment(assignment, body),
    );
    return answer(administratorOut(view), view.assignment.revision);
  },
  async fjernAdministrator({ access, ctx, request, params, body }: Ask<Reasoned | undefined>) {
    await removeAdministrator(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason);
    return { status: 204 };
  },
};

/** The leave that appointing asks for. */
export const administratorLeaves = {
  async utnevnAdministrator({ access, request, params, body: { brukerIdent, ...terms } }: Ask<Wire<'NyAdministrator'>>) {
    return leaveToAppoint(access, request, orgnrIn(params), personNumber(brukerIdent), assignmentTerms(terms));
  },
};
