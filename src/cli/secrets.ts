import { Command } from 'commander';
import { operatorRequest, type RotationOutcome, type RotationTerms, type RunningProcess, readSecrets, rotateSecrets } from '#access';
import { present } from '#domain';
import type { CommandPorts } from './ports.js';
import { counter } from './progress.js';

type Done = (exitCode: number) => void;
type Step = Parameters<RotationTerms['onStep']>[0];

const NAMING =
  'naming secret: one for ever; it names persons, so it cannot be rotated (under another every person would be somebody else)\n';

const STANDING = {
  seals: 'seals',
  next: 'will seal: a rotation was begun',
  former: 'has sealed: a rotation is under way',
  retired: 'given up: take it out of the file',
  unknown: 'new: `tilgang secrets rotate` lets it seal',
} as const;

/** `tilgang secrets`: which keys person numbers are sealed under, and another in the place of the one that seals. */
export function secretsCommand(ports: CommandPorts, done: Done): Command {
  return new Command('secrets')
    .description('see and rotate the secret that person numbers are sealed under')
    .addCommand(statusCommand(ports))
    .addCommand(rotateCommand(ports, done));
}

function statusCommand(ports: CommandPorts): Command {
  return new Command('status')
    .description('how much is sealed under which key, and which keys the processes at work know')
    .addHelpText(
      'after',
      '\nKeys are told by a fingerprint, never themselves. It reads every document; changes nothing. The gateway may run meanwhile.',
    )
    .action(async () => {
      const { access, sealed, close } = await ports.openFound();
      try {
        const bar = counter();
        const { keys, unreadable, processes } = await readSecrets(access, operatorRequest(), sealed, (values) =>
          bar(`${values} values read`),
        );
        bar(undefined);
        const { path } = access.vault.keys.file;
        for (const { id, standing, isInFile, values } of keys) {
          process.stdout.write(`${id}  ${values} values; ${STANDING[standing]}; ${isInFile ? '' : 'NOT '}in ${path}\n`);
        }
        if (unreadable > 0) process.stdout.write(`${unreadable} values open under no key of ${path}\n`);
        process.stdout.write(NAMING);
        for (const one of processes) process.stdout.write(`${named(one)} seals under ${one.seals}, knows ${one.keys.join(', ')}\n`);
      } finally {
        await close();
      }
    });
}

function rotateCommand(ports: CommandPorts, done: Done): Command {
  return new Command('rotate')
    .description('put another sealing key in the place of the one that seals, while gateways run; called again it goes on')
    .option('--out <file>', 'where the keys and a new one are written (mode 0600, must not exist), if the file is yours to put in place')
    .addHelpText(
      'after',
      `
1. A new key is put into the file, behind the old one: all of them open. In the data folder that is done here. If
   TILGANG_SEALING_SECRET_FILE names the file, \`--out\` writes one to put in its place at every gateway; then call this again.
2. Every process that works on the store gets to know it: by itself within seconds, or by SIGHUP.
3. It seals. All that was sealed is sealed anew, each document with its event; nobody's ETag changes.
4. When nothing is under the old key, that is given up and taken out of the file (out of yours by you).

Killed anywhere, call it again. Back the file up before 3: what is sealed under a key that is lost is lost. Backups of the store from
before need the old key: keep it with them. The history keeps what was sealed under it then, which nothing opens any more: whoever
has stolen key and store has those numbers. The naming secret cannot be rotated: it names persons.`,
    )
    .action(async ({ out }: { out?: string }) => {
      const { access, sealed, close } = await ports.openUnseen();
      try {
        if (out !== undefined && access.vault.keys.file.isOwn) {
          process.stderr.write('tilgang: the secrets lie in the data folder and are changed there: leave --out away\n');
          return done(1);
        }
        const bar = counter();
        const onStep = (step: Step): void => tell(step, bar);
        const outcome = await rotateSecrets(access, operatorRequest(), present({ places: sealed, out, onStep }));
        bar(undefined);
        const isDone = say(outcome);
        if (!isDone) done(1);
      } finally {
        await close();
      }
    });
}

function tell(step: Step, bar: (text: string | undefined) => void): void {
  bar(step.step === 'sealed' ? `${step.documents} documents read, ${step.anew} sealed anew` : undefined);
  if (step.step !== 'sealed') process.stderr.write(`${toldOf(step)}\n`);
}

function toldOf(step: Exclude<Step, { step: 'sealed' }>): string {
  switch (step.step) {
    case 'made':
      return `a new key ${step.id} stands in ${step.file}: back that file up now; the backups that there are need the key above it, which is taken out at the end`;
    case 'announced':
      return `every process is to know the key ${step.id}`;
    case 'waiting':
      return `waiting for processes: ${step.processes} (\`tilgang secrets status\` lists them; one that was killed counts for three minutes)`;
    case 'switched':
      return `the key ${step.id} seals now`;
  }
}

/** @returns whether there is nothing more to do */
function say(outcome: RotationOutcome): boolean {
  const out = (text: string): boolean => process.stdout.write(`${text}\n`);
  switch (outcome.state) {
    case 'done':
      out(`done: ${outcome.anew} documents sealed anew under ${outcome.seals}; nothing is sealed under another key`);
      if (outcome.unreadable > 0) out(`${outcome.unreadable} values opened under no key and stay as they are`);
      if (outcome.leftInFile.length > 0)
        out(`Take ${outcome.leftInFile.join(', ')} out of the file at every gateway: the lines that are not ${outcome.seals}.`);
      return true;
    case 'tidied':
      out(`done: the rotation had ended; ${outcome.dropped.join(', ')} is out of the file. Call it again to begin another one.`);
      return true;
    case 'key-needed':
      if (outcome.out === undefined) out(`${outcome.file} holds no new key: say --out FILE to have one written that holds one.`);
      else
        out(
          `${outcome.out} holds the keys and a new one. Put it in the place of ${outcome.file} at every gateway (mode 0600), then call this again.`,
        );
      return false;
    case 'waiting': {
      const what = outcome.for === 'key' ? 'do not know the new key yet' : 'seal under another key still';
      out(`${outcome.processes.length} processes ${what}:`);
      for (const one of outcome.processes) out(`  ${named(one)}`);
      out(
        `Put ${outcome.file} as it is here (mode 0600) where they read theirs, then call this again: it goes on. One that was killed counts for three minutes.`,
      );
      return false;
    }
    case 'taken':
      out('another `tilgang secrets rotate` is at work; one that was killed counts for half a minute');
      return false;
  }
}

function named({ host, pid, version }: RunningProcess): string {
  return `${host} process ${pid} (Tilgang ${version})`;
}
