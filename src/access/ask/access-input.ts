import type { Application, BrukerId, Grant, Instant, Orgnr, SecurityLevel } from '#domain';

/** What is asked about a person: policies/schemas/access-input.json, as JSON text. */
export interface AccessQuestion<G extends JudgedGrant = JudgedGrant> {
  /** The person. */
  readonly subject: BrukerId;
  readonly application: Application;
  /** The role that is asked for. */
  readonly role: string;
  readonly grants: readonly G[];
  readonly time: Instant;
  /** Of the person's log-in; absent if nobody told. */
  readonly securityLevel?: SecurityLevel | undefined;
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
 * every decision needs it. Numbers of organisations, names of persons, instants and levels have fixed alphabets; other texts are quoted by JSON.stringify.
 */
export function accessInput(question: AccessQuestion): string {
  return inputText(question, grantsText(question.grants));
}

/** The same of each of many; those of one person, in several roles or log-ins, have one list of grants and stand beside each other. */
export function accessInputs(questions: readonly AccessQuestion[]): readonly string[] {
  let grants: AccessQuestion['grants'] | undefined;
  let text = '';
  return questions.map((question) => {
    if (question.grants !== grants) text = grantsText(question.grants);
    grants = question.grants;
    return inputText(question, text);
  });
}

function inputText({ subject, application, role, time, securityLevel, konsument }: AccessQuestion, grants: string): string {
  const resource = konsument === undefined ? '' : `,"resource":{"type":"organisation","id":"${konsument}"}`;
  const level = securityLevel === undefined ? '' : `,"securityLevel":"${securityLevel}"`;
  const asked = `{"subject":{"type":"person","id":"${subject}"},"application":${applicationText(application)},"action":{"name":${JSON.stringify(role)}}`;
  return `${asked},"grants":[${grants}]${resource},"context":{"time":"${time}"${level}}}`;
}

/** The input of tilgang/many/search: the same question about each of many persons, by their grants. */
export function manyInput(
  { application, role, time, securityLevel }: Omit<AccessQuestion, 'subject' | 'grants' | 'konsument'>,
  subjects: readonly (readonly JudgedGrant[])[],
): string {
  const level = securityLevel === undefined ? '' : `,"securityLevel":"${securityLevel}"`;
  const grants = subjects.map((judged) => `[${judged.map(grantText).join(',')}]`).join(',');
  const asked = `{"application":${applicationText(application)},"action":{"name":${JSON.stringify(role)}}`;
  return `${asked},"subjects":[${grants}],"context":{"time":"${time}"${level}}}`;
}

function grantsText(grants: readonly JudgedGrant[]): string {
  let text = '';
  for (const judged of grants) text += `${text === '' ? '' : ','}${grantText(judged)}`;
  return text;
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
    const { id, state, roles } = application;
    text = JSON.stringify({ id, state, roles });
    texts.set(application, text);
  }
  return text;
}
