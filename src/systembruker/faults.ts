import { present } from '#domain';
import { catalogue, type ProblemEntry, ProblemError } from '#problem';

interface CodeEntry {
  readonly status: 400 | 401 | 403 | 404 | 409 | 500;
  /** The same each time. */
  readonly title: string;
}

const entry = (status: CodeEntry['status'], title: string): CodeEntry => ({ status, title });

const codes = {
  'AUTH-00000': entry(400, 'No organisation of the customer’s number is known here.'),
  'AUTH-00001': entry(400, 'A right is not one of the system’s, or cannot be given.'),
  'AUTH-00004': entry(400, 'The customer has this system user already.'),
  'AUTH-00005': entry(400, 'The request cannot be carried out.'),
  'AUTH-00010': entry(404, 'There is no such request.'),
  'AUTH-00011': entry(404, 'There is no such system of the caller’s.'),
  'AUTH-00013': entry(409, 'The request has been answered, or can be answered no more.'),
  'AUTH-00014': entry(403, 'Something that is asked for cannot be given by this person.'),
  'AUTH-00015': entry(404, 'There is no such system user.'),
  'AUTH-00016': entry(403, 'The person lacks the role that it takes to give a service.'),
  'AUTH-00019': entry(403, 'The owner of a service lets other organisations have it alone.'),
  'AUTH-00020': entry(403, 'Giving a service takes a login of a higher level.'),
  'AUTH-00021': entry(400, 'The redirectUrl is none of those that the system allows.'),
  'AUTH-00023': entry(401, 'The token is not one of the vendor’s.'),
  'AUTH-00024': entry(403, 'The system user is another organisation’s.'),
  'AUTH-00026': entry(400, 'The system allows no redirectUrl.'),
  'AUTH-00031': entry(400, 'The organisation is not whose agent it is.'),
  'AUTH-00034': entry(400, 'The system user is no agent.'),
  'AUTH-00036': entry(400, 'The system user is an agent.'),
  'AUTH-00038': entry(400, 'The agent does not act for this client.'),
  'AUTH-00039': entry(400, 'The organisation is not whose agent it is.'),
  'AUTH-00041': entry(403, 'The request is for another organisation.'),
  'AUTH-00053': entry(400, 'The person cannot give one of the packages.'),
  'AUTH-00058': entry(400, 'An agent needs a package.'),
  'AUTH-00059': entry(400, 'A right or a package is needed.'),
  'AUTH-00061': entry(409, 'The change request has been answered, or can be answered no more.'),
  'AUTH-00063': entry(400, 'A package is not one of the system’s.'),
  'AUTH-00064': entry(400, 'A package is for agents alone.'),
  'AUTH-00065': entry(400, 'A package is not for agents.'),
  'AUTH-00066': entry(403, 'There is no such request, or the person is no tilgangsstyrer of the organisation that it is for.'),
  'AUTH-00070': entry(403, 'A service can be given to nobody.'),
  'AUTH-00071': entry(403, 'A service is a scope of Maskinporten, which no system user is given.'),
  'AUTH-00079': entry(400, 'The client is not one of the organisation’s.'),
  'AUTH-00080': entry(400, 'The client has not given all packages of the agent.'),
} as const satisfies Readonly<Record<string, CodeEntry>>;

/** A code of Altinn's for what the systembruker side does not do. */
export type FaultCode = keyof typeof codes;

const fields = {
  'AUTH.VLD-00000': 'The vendor is not named by an ISO 6523 number.',
  'AUTH.VLD-00001': 'The id of the system is not <organisation number of the vendor>_<name>.',
  'AUTH.VLD-00002': 'A system has, or has had, this id.',
  'AUTH.VLD-00003': 'There is no such service.',
  'AUTH.VLD-00004': 'The client is one of another system’s.',
  'AUTH.VLD-00005': 'A URL is no absolute https URL that can be used.',
  'AUTH.VLD-00006': 'A right stands there more than once.',
  'AUTH.VLD-00007': 'A package stands there more than once.',
  'AUTH.VLD-00008': 'There is no such package that can be given.',
  'AUTH.VLD-00009': 'A service is named otherwise than by urn:altinn:resource.',
  'AUTH.VLD-00011': 'A client stands there more than once.',
  'AUTH.VLD-00012': 'The id in the body is another than that of the path.',
  'AUTH.VLD-00013': 'The id of the system has a blank, or something else that no id may have.',
  'AUTH.VLD-00014': 'The agent is missing, or there is no such one.',
  'AUTH.VLD-00015': 'The system user is no agent.',
  'AUTH.VLD-00016': 'The client is missing.',
  'AUTH.VLD-00017': 'A service of this type cannot be given to system users.',
  'AUTH.VLD-00018': 'A system that customers can choose has a package that they cannot give themselves.',
  // Ours, for which Altinn has none.
  'TILGANG.VLD-00000': 'The field does not have the described form.',
  'TILGANG.VLD-00001': 'The client is none of the vendor’s in Maskinporten.',
  'TILGANG.VLD-00002': 'There is no such system.',
  'TILGANG.VLD-00003': 'A service knows no such action.',
} as const;

/** A code for a field that is not as it must be: Altinn's, or ours. */
export type FieldCode = keyof typeof fields;

/** A field that is not as it must be. */
export interface FieldFault {
  readonly code: FieldCode;
  readonly title: string;
  /** As Altinn names it, such as `/registersystemrequest/systemid`. */
  readonly paths: readonly string[];
  readonly detail?: string;
}

/** Says what is wrong with a field. @param detail never what was sent */
export function fieldFault(code: FieldCode, path: string, detail?: string): FieldFault {
  return present({ code, title: fields[code], paths: [path], detail });
}

/** What is known of this time. */
export interface FaultOptions {
  /** What is wrong this time and what to do; never what was sent. */
  readonly detail?: string | undefined;
  /** Further members of the answer, such as `NotFoundPackages`. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** That the systembruker side does not do something, as Altinn tells it: one code, or (`STD-00000`) a list of fields. */
export class SystembrukerFault extends ProblemError {
  readonly code: FaultCode | 'STD-00000';
  readonly extensions: Readonly<Record<string, string>>;
  readonly fields: readonly FieldFault[];

  constructor(what: FaultCode | readonly FieldFault[], { detail, extensions = {} }: FaultOptions = {}) {
    const code = typeof what === 'string' ? what : 'STD-00000';
    const wrong = typeof what === 'string' ? [] : what;
    const at = wrong.map((one) => ({ pointer: one.paths[0] ?? '', detail: `${one.detail ?? one.title} (${one.code})` }));
    super('systembruker-refused', present({ detail, reason: code, at }));
    this.code = code;
    this.extensions = extensions;
    this.fields = wrong;
    if (detail === undefined) this.message = this.entry.title;
  }

  /** Status and title are the code's. */
  override get entry(): ProblemEntry {
    const { status, title } = this.code === 'STD-00000' ? WRONG_FIELDS : codes[this.code];
    return { ...catalogue['systembruker-refused'], status, title };
  }
}

const WRONG_FIELDS = entry(400, 'One or more fields are not as they must be.');
