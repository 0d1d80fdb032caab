import { Command, Option } from 'commander';
import { operatorRequest } from '#access';
import { toInstant } from '#domain';
import type { IssuerKeyView, IssuerRotation } from '#maskinporten';
import type { CommandPorts } from './ports.js';

type Done = (exitCode: number) => void;

/** `tilgang issuer`: the keys that the gateway's own issuers sign with. */
export function issuerCommand(ports: CommandPorts, done: Done): Command {
  return new Command('issuer')
    .description('see and rotate the keys that this installation’s own issuer signs tokens with')
    .addCommand(listCommand(ports))
    .addCommand(rotateCommand(ports, done));
}

function listCommand(ports: CommandPorts): Command {
  return new Command('list')
    .description('the keys that are published, in the order in which they sign')
    .option('--json', 'one JSON object per key')
    .addHelpText('after', '\nChanges nothing. The gateway may run meanwhile. The private halves are never shown.')
    .action(async ({ json }: { json?: true }) => {
      const { access, close } = await ports.openFound();
      try {
        const { listIssuerKeys } = await import('#maskinporten');
        const keys = await listIssuerKeys(access, operatorRequest());
        for (const key of keys) process.stdout.write(`${json ? JSON.stringify(key) : told(key)}\n`);
        if (keys.length === 0 && !json) process.stdout.write('no keys yet: a gateway makes the first one when it is started\n');
      } finally {
        await close();
      }
    });
}

function rotateCommand(ports: CommandPorts, done: Done): Command {
  return new Command('rotate')
    .description('have a new key take over from the one that signs, while gateways run')
    .addOption(new Option('--at <once>', 'a key has leaked: every key that there is is withdrawn now').choices(['once']))
    .addHelpText(
      'after',
      `
Nobody notices: the new key is published now and signs from tomorrow, when whoever checks tokens has fetched it. The old one stays
published until the last token that it has signed is dead, and its private half is erased as soon as it no longer signs.
By itself this happens every TILGANG_ISSUER_KEY_DAYS days (90). The new key is of the algorithm TILGANG_ISSUER_ALGORITHM.

With --at once no key that there is is believed here any more, and a new one signs at once. What breaks: every token that was issued
is refused, here within seconds and elsewhere as soon as the keys are fetched anew; clients have to fetch another one. New tokens are
refused by those who do not fetch keys at an unknown key id, until what they keep is a day old. And whoever keeps the old keys believes
the leaked one until then: tell the API providers. If the store was stolen with the secrets, rotate those first (\`tilgang secrets rotate\`).
After restoring a backup from before, call it again: the leaked key is in it.

  $ tilgang issuer rotate
  $ tilgang issuer rotate --at once`,
    )
    .action(async ({ at }: { at?: 'once' }) => {
      const { access, issuerTerms, close } = await ports.openAccess();
      try {
        const { rotateIssuer } = await import('#maskinporten');
        const outcome = await rotateIssuer(access, operatorRequest(), { ...issuerTerms, atOnce: at === 'once' });
        process.stdout.write(`${saidOf(outcome)}\n`);
        if (outcome.state === 'taken') done(1);
      } finally {
        await close();
      }
    });
}

function saidOf(outcome: IssuerRotation): string {
  switch (outcome.state) {
    case 'planned': {
      const { kid, signsFrom } = outcome.key;
      return `${kid} is published${outcome.isNew ? '' : ' already'} and signs from ${signsFrom}`;
    }
    case 'replaced': {
      const { withdrawn, key } = outcome;
      const gone =
        withdrawn.length === 0
          ? ''
          : `; withdrawn: ${withdrawn.join(', ')}. Every token of ${withdrawn.length === 1 ? 'it' : 'them'} is refused from now on`;
      return `${key.kid} signs now${gone}`;
    }
    case 'taken':
      return 'another process makes a key; one that was killed counts for half a minute. Nothing was done: call it again.';
  }
}

function told({ kid, algorithm, standing, signsFrom, signsUntil, goneAtMs }: IssuerKeyView): string {
  const gone = goneAtMs === undefined ? '' : `, published until ${toInstant(goneAtMs)}`;
  const until = signsUntil === undefined ? '' : ` until ${signsUntil}`;
  const how = {
    coming: `will sign from ${signsFrom}${until}`,
    signs: `signs since ${signsFrom}${until}${gone}`,
    former: `has signed from ${signsFrom}${until}${gone}`,
  };
  return `${kid}  ${algorithm}  ${how[standing]}`;
}
