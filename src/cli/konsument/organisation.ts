import type { Command } from 'commander';
import { present } from '#domain';
import { optionalOrgnr } from '../arguments.js';
import { type Call, caller, refusedThere } from '../gateway-call.js';
import { harmless } from '../harmless.js';
import { gatewayOf, JSON_OPTION, type PlaceOptions, withGateway } from '../place.js';
import type { CommandPorts } from '../ports.js';

/** For which organisation, at which gateway. */
export interface KonsumentOptions extends PlaceOptions {
  readonly orgnr?: string;
}

/** How the commands of an administrator say where. */
export const KONSUMENT_HELP = `
Works at the gateway that was logged in at last (\`tilgang login\`), or at that of --url, as whoever is logged in or the token of TILGANG_TOKEN or --token-file
is for, and for the organisation of --orgnr; it can be left out by whoever administers only one.`;

/** The options of such a command. */
export function withKonsument(command: Command): Command {
  return withGateway(command, 'the one that was logged in at last')
    .option('--orgnr <number>', 'for which organisation; default: the only one that you administer')
    .option(...JSON_OPTION);
}

/** The konsument API of one organisation. */
export interface Konsument {
  readonly call: Call;
  /** What the paths of the organisation begin with. */
  readonly base: string;
}

const API = '/konsument-bruker/api/v1/organisasjoner';

/** Asks for the organisation if it is not named. @throws ProblemError `gateway-refused` */
export async function konsumentOf(ports: CommandPorts, command: Command, options: KonsumentOptions): Promise<Konsument> {
  const named = optionalOrgnr(command, '--orgnr', options.orgnr);
  const call = caller(await gatewayOf(ports, command, options));
  if (named !== undefined) return { call, base: `${API}/${named}` };
  const { organisasjoner } = await call<{ readonly organisasjoner: readonly { readonly orgnr: string; readonly navn: string }[] }>(API);
  const [only, ...others] = organisasjoner;
  if (only === undefined) throw refusedThere('lets you administer no organisation: an administrator of one appoints others');
  if (others.length > 0) {
    const all = organisasjoner.map(({ orgnr, navn }) => `${orgnr} ${navn}`).join(', ');
    command.error(`error: name the organisation by --orgnr: you administer ${all}`);
  }
  return { call, base: `${API}/${only.orgnr}` };
}

/** A page of a list. */
type Page<K extends string, T> = { readonly [key in K]: readonly T[] } & { readonly neste?: string };

/** All that a list holds, page after page. @param key under which they stand @param most how many are wanted; all if left out */
export async function* listed<T, K extends string>(call: Call, path: string, key: K, most = Number.POSITIVE_INFINITY): AsyncGenerator<T> {
  const antall = String(Math.min(most, 500));
  let left = most;
  for (let markor: string | undefined; ; ) {
    const query = new URLSearchParams(present({ antall, markor }) as Record<string, string>);
    const page: Page<K, T> = await call(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    for (const one of page[key]) {
      yield one;
      left -= 1;
      if (left === 0) return;
    }
    if (page.neste === undefined) return;
    markor = page.neste;
  }
}

/** Prints each as it comes: one JSON array for a machine, else what a person reads. @param none what is said if there are none */
export async function printEach<T>({ json }: PlaceOptions, all: AsyncIterable<T>, line: (one: T) => string, none: string): Promise<void> {
  let count = 0;
  for await (const one of all) {
    process.stdout.write(json ? `${count === 0 ? '[' : ','}${JSON.stringify(one)}` : `${harmless(line(one))}\n`);
    count += 1;
  }
  if (json) process.stdout.write(count === 0 ? '[]\n' : ']\n');
  else if (count === 0) process.stdout.write(`${none}\n`);
}
