import type { ApplicationTerms, ApplicationView, KonsumentView, TriedDecision, TriedGrant } from '#access';
import {
  type Application,
  type ApplicationState,
  type ClientLimits,
  DEFAULT_ROLE,
  isFault,
  type LocalizedText,
  type Orgnr,
  parseFreeText,
  parseOrgnr,
  parseRole,
  parseWebAddress,
  present,
  type TextRule,
} from '#domain';
import { type FieldFault, invalid, ProblemError } from '#problem';
import { mergePatch } from '../merge-patch.js';
import { tilgangerResponse } from '../tilgang/wire.js';
import { describedApplication, periodOf, STATES, sound } from '../wire-parts.js';
import type { components } from './wire.gen.js';

type Schemas = components['schemas'];
/** A form of the API by its name in openapi.yaml. */
export type Wire<Name extends keyof Schemas> = Schemas[Name];

/** The state that the API's word means. */
export function stateIn(tilstand: Wire<'Tilstand'>): ApplicationState {
  return (Object.keys(STATES) as ApplicationState[]).find((state) => STATES[state] === tilstand) as ApplicationState;
}

type Written = Wire<'NyApplikasjon'> & { readonly tilstand: Wire<'Tilstand'> };

/** What is said of a new application. @throws ProblemError `invalid-request` */
export function termsIn({ navn, beskrivelse, url, roller = [], klienter }: Wire<'NyApplikasjon'>): Omit<ApplicationTerms, 'state'> {
  return present({
    name: textsIn('navn', navn, NAME),
    description: textsIn('beskrivelse', beskrivelse, DESCRIPTION),
    url: sound('/url', parseWebAddress(url)),
    roles: [...new Set([DEFAULT_ROLE, ...roller.map((role, i) => sound(`/roller/${i}`, parseRole(role)))])],
    clients: klienter === undefined ? undefined : clientsIn(klienter),
  });
}

/** What is said of an application with a merge patch on it. @throws ProblemError `invalid-request` */
export function patched({ name, description, url, roles, state, clients }: Application, patch: unknown): ApplicationTerms {
  const before: Written = present({
    navn: { ...name },
    beskrivelse: { ...description },
    url,
    roller: [...roles],
    tilstand: STATES[state],
    klienter: clients === undefined ? undefined : clientsOut(clients),
  });
  const after = mergePatch(before, patch) as Written;
  return { ...termsIn(after), state: stateIn(after.tilstand) };
}

const NAME: TextRule = { maxCodePoints: 100 };
const DESCRIPTION: TextRule = { maxCodePoints: 2000, hasLines: true };

function textsIn(field: string, { nb, ...others }: LocalizedText, rule: TextRule): LocalizedText {
  const read = (language: keyof LocalizedText, text: string): string => sound(`/${field}/${language}`, parseFreeText(text, rule));
  const { nn, en } = others;
  return { nb: read('nb', nb), ...present({ nn: nn && read('nn', nn), en: en && read('en', en) }) };
}

function clientsIn({ klientIder, leverandorer }: Wire<'Klienter'>): ClientLimits {
  const suppliers = leverandorer?.map((text) => parseOrgnr(text));
  const at =
    suppliers?.flatMap((one, i): FieldFault[] => (isFault(one) ? [{ pointer: `/klienter/leverandorer/${i}`, detail: one.detail }] : [])) ??
    [];
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
  const ids = klientIder?.map((id, i) => sound(`/klienter/klientIder/${i}`, parseFreeText(id, NAME)));
  return present({ ids, suppliers: suppliers as Orgnr[] | undefined });
}

function clientsOut({ ids, suppliers }: ClientLimits): Wire<'Klienter'> {
  return present({ klientIder: ids && [...ids], leverandorer: suppliers && [...suppliers] });
}

/** An application as the API has it. */
export function applicationOut({ application, revision }: ApplicationView): Wire<'Applikasjon'> {
  const { clients } = application;
  const klienter = clients === undefined ? undefined : clientsOut(clients);
  return present({ ...describedApplication(application), klienter, revisjon: revision });
}

/** A konsument of an application as the API has it. */
export function konsumentOut(view: KonsumentView): Wire<'Konsumentliste'>['konsumenter'][number] {
  const { orgnr, name, kommunenummer, active, changedAt, grants } = view;
  return present({ orgnr, navn: name, kommune: kommunenummer, aktiv: active, endret: changedAt, antallBrukere: grants });
}

/** Grants that are thought up. @throws ProblemError `invalid-request` */
export function triedGrants(sent: Wire<'Proving'>['tilganger']): readonly TriedGrant[] {
  return sent.map(({ orgnr, roller = [DEFAULT_ROLE], fra, til, aktiv = true }, i) => {
    const konsument = parseOrgnr(orgnr);
    if (isFault(konsument)) throw invalid(`/tilganger/${i}/orgnr`, konsument.detail);
    return { konsument, roles: roller, activated: aktiv, ...periodOf({ fra, til }, `/tilganger/${i}`) };
  });
}

/** What a trial is answered: as the Tilgang API would, and each decision with its reasons. */
export function triedOut(decisions: readonly TriedDecision[]): Wire<'Provesvar'> {
  // As the Tilgang API has them: each organisation once, by organisation number.
  const allowed = new Map(decisions.filter(({ allowed }) => allowed).map(({ organisation }) => [organisation.orgnr, organisation]));
  const inOrder = [...allowed.values()].sort((a, b) => (a.orgnr < b.orgnr ? -1 : 1));
  return {
    svar: tilgangerResponse(inOrder),
    avgjorelser: decisions.map(({ organisation, allowed, reasons }) => ({
      orgnr: organisation.orgnr,
      tillatt: allowed,
      grunner: [...reasons],
    })),
  };
}
