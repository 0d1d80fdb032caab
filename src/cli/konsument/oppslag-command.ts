import { Command } from 'commander';
import { present } from '#domain';
import type { Call } from '../gateway-call.js';
import { harmless } from '../harmless.js';
import { personNumberOf } from '../person-number-input.js';
import type { CommandPorts } from '../ports.js';
import { KONSUMENT_HELP, type KonsumentOptions, konsumentOf, withKonsument } from './organisation.js';
import { accessLine, type ToldAccess } from './told-access.js';

interface ToldPerson {
  readonly brukerId: string;
  readonly tilganger: readonly ToldAccess[];
  readonly administrator?: readonly string[];
}

/** `tilgang oppslag`: everything that one person has in the organisation. */
export function oppslagCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('oppslag'))
    .description('as an administrator: say everything that a person has in the organisation')
    .option('--at <date-time>', 'what the person had then (RFC 3339)')
    .addHelpText(
      'after',
      `
The person number is read from standard input: one line, or typed (it is not shown) if standard input is a terminal. That it was asked
for is an event of the organisation.
${KONSUMENT_HELP}`,
    )
    .action(async (options: KonsumentOptions & { readonly at?: string }, command: Command) => {
      const person = await personNumberOf(command);
      const { call, base } = await konsumentOf(ports, command, options);
      const found = await personAsked(call, base, person, options.at);
      process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : harmlessLines(found));
    });
}

/** The person of the number, as the organisation knows it. @throws ProblemError `gateway-refused` */
export function personAsked(call: Call, base: string, brukerIdent: string, tidspunkt?: string): Promise<ToldPerson> {
  return call(`${base}/oppslag`, { method: 'POST', json: present({ brukerIdent, tidspunkt }) });
}

function harmlessLines({ brukerId, tilganger, administrator = [] }: ToldPerson): string {
  const lines = [
    brukerId,
    ...(administrator.length === 0 ? [] : [`administrator: ${administrator.join(' ')}`]),
    ...(tilganger.length === 0 ? ['no access'] : tilganger.map((one) => accessLine(one, one.appId))),
  ];
  return lines.map((line) => `${harmless(line)}\n`).join('');
}
