import { Command, Option } from 'commander';
import { type ExplainedDecision, operatorRequest, type WhyAnswer, whyForTilbyder } from '#access';
import { DEFAULT_ROLE, isFault, type LocalizedText, parseRole, present, type SecurityLevel } from '#domain';
import { appIdOf, optionalOrgnr } from './arguments.js';
import { readPersonNumber } from './person-number-input.js';
import type { CommandPorts } from './ports.js';

interface WhyOptions {
  readonly role: string;
  readonly level?: SecurityLevel;
  readonly language: keyof LocalizedText;
  readonly json?: true;
}

/** `tilgang why`: one decision, explained. */
export function whyCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('why')
    .description('say why a person may use an application, or may not')
    .argument('<App-ID>', 'the application')
    .argument('[orgnr]', 'for this organisation; default: for all in which the person has access, or had')
    .option('--role <role>', 'the role that is asked for', DEFAULT_ROLE)
    .addOption(new Option('--level <level>', 'of the log-in; default: nobody told').choices(['low', 'substantial', 'high']))
    .addOption(new Option('--language <language>', 'of the reasons').choices(['nb', 'nn', 'en']).default('en'))
    .option('--json', 'JSON for a machine')
    .addHelpText(
      'after',
      `
The person number is read from standard input, never from the command line, which everybody sees in the list of processes:
one line, or typed (it is not shown) if standard input is a terminal.

  $ tilgang why d8adb4fb-8b85-87e7-9636-7eabb041b9b4 958935420 --language nb < number.txt

The decision is judged anew, as it is now; that it was asked for is an event. Ends with 0 whatever the decision is.`,
    )
    .action(async (app: string, orgnr: string | undefined, options: WhyOptions, command: Command) => {
      const appId = appIdOf(command, '<App-ID>', app);
      const role = parseRole(options.role);
      if (isFault(role)) return command.error(`error: --role ${role.detail}`);
      const konsument = optionalOrgnr(command, '[orgnr]', orgnr);
      const person = await readPersonNumber();
      if (isFault(person)) {
        process.stderr.write(`tilgang: the person number ${person.detail}\n`);
        return done(1);
      }
      const { access, close } = await ports.openAccess();
      try {
        const question = present({ person, role, securityLevel: options.level });
        const answer = await whyForTilbyder(access, operatorRequest(), appId, question, konsument);
        process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : told(answer, options.language));
      } finally {
        await close();
      }
    });
}

function told({ application, role, securityLevel, time, decisions }: WhyAnswer, language: keyof LocalizedText): string {
  const asked = `${application.name[language] ?? application.name.nb} (${application.id}), role ${role}, level ${securityLevel ?? 'not told'}, at ${time}\n`;
  if (decisions.length === 0) return `${asked}no organisation has given the person access, or ever had\n`;
  return asked + decisions.map((one) => decisionText(one, language)).join('');
}

function decisionText({ konsument, allowed, reasons, decidedBy, grantRevision }: ExplainedDecision, language: keyof LocalizedText): string {
  const why = reasons.map(({ slug, text }) => `    ${slug}${text === undefined ? '' : `: ${text[language] ?? text.nb}`}\n`);
  const rules = decidedBy.map(({ source, entrypoint, revision }) => `${source} rule ${entrypoint}, revision ${revision}`).join('; ');
  const grant = grantRevision === undefined ? 'no grant' : `grant at revision ${grantRevision}`;
  return `${allowed ? 'yes' : 'no '} ${konsument.name} (${konsument.orgnr})\n${why.join('')}    by ${rules}; ${grant}\n`;
}
