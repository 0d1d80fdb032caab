import { Command } from 'commander';
import { present } from '#domain';
import { wholeNumber } from '../arguments.js';
import type { CommandPorts } from '../ports.js';
import { KONSUMENT_HELP, type KonsumentOptions, konsumentOf, listed, printEach, withKonsument } from './organisation.js';

interface ToldEvent {
  readonly tidspunkt: string;
  readonly handling: string;
  readonly aktor: string;
  readonly begrunnelse?: string;
  readonly appId?: string;
  readonly brukerId?: string;
}

interface EventOptions extends KonsumentOptions {
  readonly action?: string;
  readonly app?: string;
  readonly person?: string;
  readonly actor?: string;
  readonly from?: string;
  readonly until?: string;
  readonly most: number;
}

/** `tilgang hendelser`: the history of the organisation. */
export function hendelserCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('hendelser'))
    .description('as an administrator: what has been changed for the organisation, by whom and why, the newest first')
    .option('--action <action>', 'such as grant.give, or the part before the full stop')
    .option('--app <App-ID>', 'about this application')
    .option('--person <brukerId>', 'about this person')
    .option('--actor <id>', 'done by: brukerId, organisation number or operator')
    .option('--from <date-time>', 'not before (RFC 3339)')
    .option('--until <date-time>', 'before (RFC 3339)')
    .option('--most <n>', 'so many at most', wholeNumber('events', 1, 1_000_000), 50)
    .addHelpText('after', KONSUMENT_HELP)
    .action(async (options: EventOptions, command: Command) => {
      const { call, base } = await konsumentOf(ports, command, options);
      const { action: handling, app, person: bruker, actor: aktor, from: fra, until: til } = options;
      const query = new URLSearchParams(present({ handling, app, bruker, aktor, fra, til }) as Record<string, string>);
      await printEach(
        options,
        listed<ToldEvent, 'hendelser'>(call, `${base}/hendelser?${query}`, 'hendelser', options.most),
        eventLine,
        'nothing',
      );
    });
}

function eventLine({ tidspunkt, handling, aktor, appId, brukerId, begrunnelse }: ToldEvent): string {
  return [
    tidspunkt,
    handling,
    `by ${aktor}`,
    appId && `application ${appId}`,
    brukerId && `person ${brukerId}`,
    begrunnelse && `(${begrunnelse})`,
  ]
    .filter(Boolean)
    .join('  ');
}
