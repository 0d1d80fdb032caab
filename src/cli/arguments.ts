import { type Command, InvalidArgumentError } from 'commander';
import { type AppId, type Instant, isFault, type Orgnr, parseAppId, parseOrgnr, parsePeriodEnd, parseReason } from '#domain';

/**
 * The argument as an organisation number; another text ends the command.
 * @param name how the help text calls the argument
 */
export function orgnrOf(command: Command, name: string, text: string): Orgnr {
  const orgnr = parseOrgnr(text);
  return isFault(orgnr) ? command.error(`error: ${name} ${orgnr.detail}`) : orgnr;
}

/** The option as an organisation number, if it is given; another text ends the command. */
export function optionalOrgnr(command: Command, name: string, text: string | undefined): Orgnr | undefined {
  return text === undefined ? undefined : orgnrOf(command, name, text);
}

/** The argument as an App-ID; another text ends the command. @param name how the help text calls the argument */
export function appIdOf(command: Command, name: string, text: string): AppId {
  const appId = parseAppId(text);
  return isFault(appId) ? command.error(`error: ${name} ${appId.detail}`) : appId;
}

/** `--reason` as it is kept in the history, where no person number may stand. */
export function reasonOf(command: Command, text: string | undefined): { readonly reason?: string } {
  if (text === undefined) return {};
  const reason = parseReason(text.trim());
  return isFault(reason) ? command.error(`error: --reason ${reason.detail}`) : { reason };
}

/** `--until` as an instant, if it is given; another text ends the command. */
export function periodEndOf(command: Command, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const until = parsePeriodEnd(text);
  return isFault(until) ? command.error(`error: --until ${until.detail}`) : until;
}

/** Reads an option in decimal digits within both bounds; another text ends the command. @param what is counted */
export function wholeNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[1-9][0-9]*$|^0$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      `It is a whole number of ${what}${most === Number.MAX_SAFE_INTEGER ? ` from ${least}` : ` from ${least} to ${most}`}.`,
    );
  };
}
