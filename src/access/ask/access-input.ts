import type { Application, Grant, Instant, Orgnr } from '#domain';

/** What is asked about a person: policies/schemas/access-input.json, as JSON text. */
export interface AccessQuestion {
  readonly application: Application;
  /** The role that is asked for. */
  readonly role: string;
  readonly grants: readonly JudgedGrant[];
  readonly time: Instant;
  /** The organisation that is asked about; absent in a search. */
  readonly konsument?: Orgnr;
}

/** A grant and what decides about it besides its own terms. */
export interface JudgedGrant {
  readonly grant: Pick<Grant, 'konsument' | 'roles' | 'from' | 'until' | 'withdrawn'>;
  readonly activated: boolean;
  readonly mayBeKonsument: boolean;
}

/**
 * The input of tilgang/access/search and tilgang/access/evaluate, as JSON text. Only what the rules read is in it, and it is written by hand:
 * every decision needs it. Organisation numbers and instants have fixed alphabets; other texts are quoted by JSON.stringify.
 */
export function accessInput({ application, role, grants, time, konsument }: AccessQuestion): string {
  let text = '';
  for (const judged of grants) text += `${text === '' ? '' : ','}${grantText(judged)}`;
  const resource = konsument === undefined ? '' : `,"resource":{"type":"organisation","id":"${konsument}"}`;
  return `{"application":${applicationText(application)},"action":{"name":${JSON.stringify(role)}},"grants":[${text}]${resource},"context":{"time":"${time}"}}`;
}

function grantText({ grant: { konsument, roles, from, until, withdrawn }, activated, mayBeKonsument }: JudgedGrant): string {
  let text = `{"konsument":"${konsument}","roles":${JSON.stringify(roles)},"activated":${activated},"mayBeKonsument":${mayBeKonsument}`;
  if (from !== undefined) text += `,"from":"${from}"`;
  if (until !== undefined) text += `,"until":"${until}"`;
  if (withdrawn !== undefined) text += `,"withdrawn":${JSON.stringify(withdrawn)}`;
  return `${text}}`;
}

const texts = new WeakMap<Application, string>();

/** What the rules read of an application; made once for each state of it. */
function applicationText(application: Application): string {
  let text = texts.get(application);
  if (text === undefined) {
    const { state, roles } = application;
    text = JSON.stringify({ state, roles });
    texts.set(application, text);
  }
  return text;
}
