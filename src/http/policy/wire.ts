import type {
  BindingView,
  BundleStatus,
  BundleView,
  Comparison,
  Counted,
  KeptComparison,
  KeyTerms,
  KeyView,
  ShadowView,
  Totals,
} from '#access';
import { type BundleRef, maskPersonNumbers, parseAppId, parsePeriodEnd, present, toInstant } from '#domain';
import { sound } from '../wire-parts.js';
import type { components } from './wire.gen.js';

type Schemas = components['schemas'];
/** A form of the API by its name in openapi.yaml. */
export type Wire<Name extends keyof Schemas> = Schemas[Name];

const STATES = { active: 'aktiv', before: 'forrige', pushed: 'lastet' } as const;
const DEMANDS = { empty: 'tomt', approved: 'godkjent' } as const;
const WARNINGS: ReadonlyMap<string, Wire<'Regelpakke'>['advarsler'][number]> = new Map([
  ['answers_no_to_all', 'nei_til_alt'],
  ['answers_yes_to_all', 'ja_til_alt'],
]);

/** A bundle as the API has it. */
export function bundleOut({ bundle, state, isTrusted }: BundleView): Wire<'Regelpakke'> {
  const { revision, digest, size, entrypoints, signedBy, pushedAt, pushedBy, warnings } = bundle;
  return {
    revisjon: revision,
    digest,
    storrelse: size,
    inngangspunkter: [...entrypoints],
    signertAv: { eier: signedBy.owner, kid: signedBy.kid },
    lastetOpp: pushedAt,
    lastetOppAv: pushedBy,
    tilstand: STATES[state],
    betrodd: isTrusted,
    advarsler: warnings.flatMap((warning) => WARNINGS.get(warning) ?? []),
  };
}

/** Which bundle judges, as the API has it. */
export function bindingOut({ binding, revision }: BindingView): Wire<'Binding'> {
  const { active, before, highest, trusted, shadow, demands } = binding;
  return {
    ...present({ aktiv: refOut(active), forrige: refOut(before), hoyeste: highest, betrodd: refOut(trusted), skygge: refOut(shadow) }),
    ...present({ krav: demands === undefined ? undefined : DEMANDS[demands] }),
    bindingsrevisjon: revision,
  };
}

function refOut(ref: BundleRef | undefined): Wire<'Pakkenavn'> | undefined {
  return ref === undefined ? undefined : { revisjon: ref.revision, digest: ref.digest };
}

/** How bundles do, as the API has it. */
export function statusOut({ binding, bindingRevision, processes }: BundleStatus): Wire<'Status'> {
  return {
    binding: bindingOut({ binding, revision: bindingRevision }),
    prosesser: processes.map(({ process, at, status: { loaded, fault } }) => ({
      prosess: process,
      tidspunkt: at,
      lastet: loaded.map(loadedOut),
      ...present({
        lastefeil: fault && { revisjon: fault.ref.revision, tidspunkt: toInstant(fault.at), detalj: fault.detail },
      }),
    })),
  };
}

type Loaded = BundleStatus['processes'][number]['status']['loaded'][number];

function loadedOut({ ref, status }: Loaded): Wire<'Status'>['prosesser'][number]['lastet'][number] {
  if (status === undefined) return { revisjon: ref.revision };
  const { lastFault, heldBackUntil } = status;
  const detail = [lastFault?.kind, lastFault?.entrypoint, lastFault?.detail].filter(Boolean).join(': ');
  return present({
    revisjon: ref.revision,
    stilling: status.standing,
    svar: status.evaluations,
    feil: status.failures,
    tidsavbrudd: status.timeouts,
    minneavbrudd: status.exhaustions,
    avvist: status.refusals,
    mikrosekunder: status.meanMicros,
    sisteFeil: lastFault && { tidspunkt: toInstant(lastFault.at), detalj: maskPersonNumbers(detail) },
    holdtTilbakeTil: heldBackUntil === undefined ? undefined : toInstant(heldBackUntil),
  });
}

/** What is said of a key. @throws ProblemError `invalid-request` */
export function keyTerms({ algoritme, jwk, omfang, til }: Wire<'NyNokkel'>): KeyTerms {
  return present({
    algorithm: algoritme,
    jwk,
    scope: omfang === undefined ? undefined : sound('/omfang', parseAppId(omfang)),
    until: til === undefined ? undefined : sound('/til', parsePeriodEnd(til)),
  });
}

/** A key as the API has it. */
export function keyOut({ value, revision }: KeyView): Wire<'Nokkel'> {
  const { kid, algorithm, jwk, scope, until, revoked } = value;
  const trukketTilbake = revoked === undefined ? undefined : { tidspunkt: revoked.at, av: revoked.by };
  return {
    kid,
    algoritme: algorithm,
    jwk: { ...jwk } as Wire<'Jwk'>,
    ...present({ omfang: scope, til: until, trukketTilbake }),
    revisjon: revision,
  };
}

/** What is asked of a comparison. */
export function demandsIn({ krav }: Wire<'Krav'>): BindingView['binding']['demands'] {
  return krav === 'tomt' ? 'empty' : krav === 'godkjent' ? 'approved' : undefined;
}

/** What a bundle would change, as the API has it. */
export function comparisonOut({ active, candidate, isComplete, keptAt, counts, ...totals }: Comparison): Wire<'Sammenligning'> {
  return {
    kandidat: refOut(candidate) as Wire<'Pakkenavn'>,
    ...totalsOut(totals),
    tall: counts.map(countedOut),
    fullstendig: isComplete,
    ...present({ aktiv: refOut(active), tidspunkt: keptAt }),
  };
}

/** What was taken by name, as the API has it. */
export function approvalOut({ candidate, active, trusted, standard, at, gains, losses, failures }: KeptComparison): Wire<'Godkjenning'> {
  return {
    kandidat: refOut(candidate) as Wire<'Pakkenavn'>,
    ...present({ aktiv: refOut(active), betrodd: refOut(trusted) }),
    ...{ standardrevisjon: standard, tidspunkt: at, far: gains, mister: losses, feil: failures },
  };
}

/** What a shadow has seen, as the API has it. */
export function shadowOut({ bundle, since, until, processes, passedOver, counts, ...totals }: ShadowView): Wire<'Skygge'> {
  return {
    prosesser: processes,
    forbigatt: passedOver,
    ...totalsOut(totals),
    tall: counts.map(countedOut),
    ...present({ pakke: refOut(bundle), fra: since, til: until }),
  };
}

function totalsOut({ questions, gains, losses, failedBefore, failedAfter }: Totals) {
  return { sporsmal: questions, far: gains, mister: losses, feilFor: failedBefore, feilEtter: failedAfter };
}

function countedOut({ konsument, kind, reason, count }: Counted): Wire<'Endringstall'>[number] {
  return { orgnr: konsument, endring: kind === 'gain' ? 'far' : 'mister', grunn: reason, antall: count };
}
