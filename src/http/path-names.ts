import { type AppId, type BrukerId, type Fault, isFault, type Orgnr, parseAppId, parseBrukerId, parseOrgnr } from '#domain';
import { ProblemError } from '#problem';

/** The parts of a path by the names in its template. */
export type PathParams = Readonly<Record<string, string>>;

/** Organisation, application and person that a path names. */
export interface PathPlace {
  readonly orgnr: Orgnr | undefined;
  readonly appId: AppId | undefined;
  readonly brukerId: BrukerId | undefined;
}

/** The organisation of a path. What is no organisation number is answered like an unknown organisation. */
export function orgnrIn({ orgnr }: PathParams): Orgnr | undefined {
  return named(orgnr, parseOrgnr);
}

/** The application of a path. What is no App-ID is answered like an unknown application. */
export function appIdIn({ appId }: PathParams): AppId | undefined {
  return named(appId, parseAppId);
}

/** All that a path names; what is no such name is answered like an unknown one. */
export function placeIn(params: PathParams): PathPlace {
  return { orgnr: orgnrIn(params), appId: appIdIn(params), brukerId: named(params['brukerId'], parseBrukerId) };
}

/** The application of a query parameter. @throws ProblemError `invalid-request` */
export function appIdOf(parameter: string, text: string): AppId {
  const appId = parseAppId(text);
  if (isFault(appId)) throw new ProblemError('invalid-request', { at: [{ pointer: '', parameter, detail: appId.detail }] });
  return appId;
}

function named<T>(text: string | undefined, parse: (text: string) => T | Fault): T | undefined {
  const parsed = text === undefined ? undefined : parse(text);
  return isFault(parsed) ? undefined : parsed;
}
