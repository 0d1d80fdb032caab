import { type Application, type BrukerId, type Grant, type Instant, listText, type Orgnr, type SecurityLevel } from '#domain';

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
  /** What is known of it, whether there is a grant by it or not; for reasons. */
  readonly around?: KonsumentAround;
}

/** What stands in the way of every grant that an organisation gives in an application. */
export interface KonsumentAround {
  readonly activated: boolean;
  readonly mayBeKonsument: boolean;
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

function inputText({ subject, application, role, time, securityLevel, konsument, around }: AccessQuestion, grants: string): string {
  const known = around === undefined ? '' : `,"activated":${around.activated},"mayBeKonsument":${around.mayBeKonsument}`;
  const resource = konsument === undefined ? '' : `,"resource":{"type":"organisation","id":"${konsument}"${known}}`;
  const level = securityLevel === undefined ? '' : `,"securityLevel":"${securityLevel}"`;
  const asked = `{"subject":{"type":"person","id":"${subject}"},"application":${applicationText(application)},"action":{"name":${JSON.stringify(role)}}`;
  return `${asked},"grants":[${grants}]${resource},"context":{"time":"${time}"${level}}}`;
}

/** The same question about many persons. */
export interface ManyQuestion {
  /** The input of tilgang/many/covers, or of tilgang/many/terms: each grant once, whoever has one like it. */
  readonly input: string;
  /** How many grants it has. */
  readonly count: number;
  /** Where in it the grants of each person stand. */
  readonly places: readonly (readonly number[])[];
  /** The input of tilgang/access/search about one of them. @param at whose place in the list it is */
  inputOf(at: number, subject: BrukerId): string;
}

/** See ManyQuestion. @param subjects the grants of each person @param tellsKonsument whether grants of several konsumenter are several */
export function manyQuestion(
  { application, role, time, securityLevel }: Omit<AccessQuestion, 'subject' | 'grants' | 'konsument'>,
  subjects: readonly (readonly JudgedGrant[])[],
  tellsKonsument: boolean,
): ManyQuestion {
  const level = securityLevel === undefined ? '' : `,"securityLevel":"${securityLevel}"`;
  const asked = `"application":${applicationText(application)},"action":{"name":${JSON.stringify(role)}}`;
  const end = `],"context":{"time":"${time}"${level}}}`;
  const known = new Map<string, number>();
  const kinds: string[] = [];
  /** Behind its konsument, and of each person that of each grant. */
  const terms: string[] = [];
  const places = subjects.map((grants) =>
    grants.map((judged) => {
      const text = termsText(judged);
      const kind = tellsKonsument ? grantText(judged.grant.konsument, text) : text;
      const before = known.get(kind);
      if (before !== undefined) return before;
      known.set(kind, kinds.length);
      terms.push(text);
      return kinds.push(tellsKonsument ? kind : `{${text}`) - 1;
    }),
  );
  return {
    input: `{${asked},"grants":[${kinds.join(',')}${end}`,
    count: kinds.length,
    places,
    inputOf(at, subject) {
      const own = places[at] as readonly number[];
      const grants = subjects[at] as readonly JudgedGrant[];
      let text = '';
      for (let i = 0; i < own.length; i += 1) {
        const { konsument } = (grants[i] as JudgedGrant).grant;
        text += `${text === '' ? '' : ','}${grantText(konsument, terms[own[i] as number] as string)}`;
      }
      return `{"subject":{"type":"person","id":"${subject}"},${asked},"grants":[${text}${end}`;
    },
  };
}

function grantsText(grants: readonly JudgedGrant[]): string {
  let text = '';
  for (const judged of grants) text += `${text === '' ? '' : ','}${grantText(judged.grant.konsument, termsText(judged))}`;
  return text;
}

function grantText(konsument: string, terms: string): string {
  return `{"konsument":"${konsument}",${terms}`;
}

/** The text of a grant behind its konsument. */
function termsText({ grant: { roles, from, until, withdrawn }, activated, mayBeKonsument }: JudgedGrant): string {
  let text = `"roles":${listText(roles)},"activated":${activated},"mayBeKonsument":${mayBeKonsument}`;
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
