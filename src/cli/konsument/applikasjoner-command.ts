import { Command, Option } from 'commander';
import { present } from '#domain';
import { appIdOf, reasonOf } from '../arguments.js';
import type { CommandPorts } from '../ports.js';
import { KONSUMENT_HELP, type KonsumentOptions, konsumentOf, listed, printEach, withKonsument } from './organisation.js';

interface ToldApplication {
  readonly appId: string;
  readonly navn: { readonly nb: string };
  readonly tilbyder: string;
  readonly tilstand: string;
  readonly roller: readonly string[];
  readonly aktiv: boolean;
}

/** `tilgang applikasjoner`: what there is for the organisation, and what it has switched on. */
export function applikasjonerCommand(ports: CommandPorts): Command {
  return new Command('applikasjoner')
    .description('as an administrator: the applications on offer; switch them on and off for the organisation')
    .addCommand(listCommand(ports))
    .addCommand(switchCommand(ports, true))
    .addCommand(switchCommand(ports, false));
}

function listCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('list'))
    .description('list applications on offer and switched on')
    .addOption(new Option('--only <which>', 'switched on, or on offer').choices(['on', 'offered']))
    .option('--search <text>', 'text in name or description')
    .addHelpText('after', KONSUMENT_HELP)
    .action(async (options: KonsumentOptions & { only?: 'on' | 'offered'; search?: string }, command: Command) => {
      const { call, base } = await konsumentOf(ports, command, options);
      const vis = options.only === undefined ? undefined : options.only === 'on' ? 'aktivert' : 'tilbud';
      const query = new URLSearchParams(present({ vis, sok: options.search }) as Record<string, string>);
      const all = listed<ToldApplication, 'applikasjoner'>(call, `${base}/applikasjoner?${query}`, 'applikasjoner');
      await printEach(options, all, applicationLine, 'none');
    });
}

function switchCommand(ports: CommandPorts, aktiv: boolean): Command {
  return withKonsument(new Command(aktiv ? 'activate' : 'deactivate'))
    .description(
      aktiv
        ? 'switch an application on for the organisation'
        : 'switch an application off: every answer for the organisation ends; grants are kept',
    )
    .argument('<App-ID>', 'the application')
    .option('--reason <text>', 'kept in the history')
    .addHelpText('after', KONSUMENT_HELP)
    .action(async (app: string, options: KonsumentOptions & { reason?: string }, command: Command) => {
      const appId = appIdOf(command, '<App-ID>', app);
      const { reason: begrunnelse } = reasonOf(command, options.reason);
      const { call, base } = await konsumentOf(ports, command, options);
      const json = present({ aktiv, begrunnelse });
      const now = await call<{ readonly aktiv: boolean }>(`${base}/applikasjoner/${appId}/aktivering`, {
        method: 'PUT',
        json,
        ifMatch: true,
      });
      process.stdout.write(options.json ? `${JSON.stringify({ appId, ...now })}\n` : `${appId} is ${now.aktiv ? 'on' : 'off'}\n`);
    });
}

function applicationLine({ appId, navn, tilbyder, tilstand, roller, aktiv }: ToldApplication): string {
  return `${appId}  ${aktiv ? 'on ' : 'off'}  ${navn.nb}  of ${tilbyder}  ${tilstand}  roles ${roller.join(' ')}`;
}
