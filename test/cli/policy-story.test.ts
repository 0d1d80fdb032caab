// Takes about 6 s.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { CommandResult } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { type RunningGateway, runGateway, temporaryFolder } from '../fixtures/gateway.js';

const RULE = `package application

# METADATA
# entrypoint: true
search contains grant.konsument if {
	_before_four
	input.context.securityLevel == "high"
	some grant in input.grants
}

# METADATA
# entrypoint: true
reasons[konsument] contains "after_hours" if {
	not _before_four
	some grant in input.grants
	konsument := grant.konsument
}

_before_four if {
	[hour, _, _] := time.clock([time.parse_rfc3339_ns(input.context.time), "Europe/Oslo"])
	hour < 16
}
`;
const TESTS = `package application_test

import data.application

_at(time, level) := {"grants": [{"konsument": "910000000"}], "context": {"time": time, "securityLevel": level}}

test_before_four_at_high if application.search == {"910000000"} with input as _at("2026-11-27T14:59:59.999Z", "high")

test_not_after_four if {
	question := _at("2026-11-27T15:00:00.000Z", "high")
	application.search == set() with input as question
	application.reasons == {"910000000": {"after_hours"}} with input as question
}

test_not_below_high if application.search == set() with input as _at("2026-11-27T12:00:00.000Z", "substantial")
`;

/** Runs a command that has to end well, and answers what it said. */
async function done(t: Test, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr }: CommandResult = await runInside(['policy', ...args], env);
  t.equal(code, 0, `tilgang policy ${args[0]}: ${stderr}`);
  t.match(stdout, /\S/, `tilgang policy ${args[0]} says what it did`);
  return stdout;
}

/** Asks all the time, until it is told to stop; each answer is that of one bundle. */
function load({ ask }: RunningGateway, appId: string, question: object) {
  const answers: string[] = [];
  let isOver = false;
  const loops = [1, 2, 3, 4].map(async () => {
    while (!isOver) {
      const { status, json } = await ask(appId, question);
      answers.push(`${status} ${json.tilganger?.length}`);
    }
  });
  return {
    async stop(): Promise<ReadonlySet<string>> {
      isOver = true;
      await Promise.all(loops);
      return new Set(answers);
    },
  };
}

t.test('from an empty folder to a gateway that judges by it, and back: each step is a command that says what it did', async (t) => {
  let now = Date.parse('2026-11-27T12:00:00.000Z');
  const gateway = await runGateway(t, {}, () => now);
  const { appId, brukerIdent } = gateway.world.first;
  const folder = join(temporaryFolder(t), 'rules');
  const bundle = join(folder, 'bundle.tar.gz');
  const key = join(folder, 'rules-2026.pem');
  const remote = ['--url', gateway.origin, '--app', appId];
  const env = { TILGANG_TOKEN: await gateway.tokenOf({ client: 'fhi' }) };
  const found = async (sikkerhetsniva?: string): Promise<number> => {
    const question = { brukerIdent, ...(sikkerhetsniva === undefined ? {} : { sikkerhetsniva }) };
    // A token does not outlive the jump of the clock.
    const { status, json } = await gateway.ask(appId, question, { token: await gateway.tokenOf({ client: 'fhi' }) });
    t.equal(status, 200);
    return json.tilganger.length;
  };
  const all = await found();
  t.ok(all >= 2);

  t.match(await done(t, ['new', folder, '--app', appId]), /application\.rego/);
  t.match(await done(t, ['build', folder, '--revision', '1']), /revision 1/);
  t.match(await done(t, ['keys', 'new', key]), /rules-2026 \(ES256\)/);
  t.match(await done(t, ['keys', 'add', key.replace(/pem$/, 'pub.pem'), ...remote], env), /registered: key rules-2026/);
  await done(t, ['sign', bundle, '--key', key]);
  t.match(await done(t, ['push', bundle, '--url', gateway.origin, '--activate'], env), /pushed: revision 1.*\ndone: revision 1 judges/);
  t.equal(await found(), all, 'the rule of the template lets all through');

  writeFileSync(join(folder, 'application.rego'), RULE);
  writeFileSync(join(folder, 'application_test.rego'), TESTS);
  t.match(await done(t, ['check', folder]), /fit to be built: 0 faults, 0 warnings/);
  t.match(await done(t, ['test', folder]), /3 of 3 tests passed in OPA and in the engine/);
  await done(t, ['build', folder, '--revision', '2']);
  const unsigned = await runInside(['policy', 'push', bundle, ...remote], env);
  t.match(unsigned, { code: 1, stderr: /answered 422: .*not signed/ });
  await done(t, ['sign', bundle, '--key', key]);
  t.match(await done(t, ['push', bundle, ...remote], env), /next: tilgang policy activate 2/);
  t.equal(await found(), all, 'what is pushed does not judge');

  const diff = await runInside(['policy', 'diff', '2', ...remote], env);
  t.match(diff, { code: 1, stdout: /\n[1-9][0-9]* lose, 0 gain access; / }, 'who would lose access is seen before it judges');

  const asking = load(gateway, appId, { brukerIdent });
  t.match(await done(t, ['activate', '2', '--reason', 'bare til klokken 16', ...remote], env), /done: revision 2 judges; before it did 1/);
  const answers = await asking.stop();
  t.ok(answers.size > 0);
  t.same(
    [...answers].filter((one) => one !== '200 0' && one !== `200 ${all}`),
    [],
    'each answer under load is that of one bundle',
  );
  t.same([await found(), await found('betydelig'), await found('hoyt')], [0, 0, all]);
  now = Date.parse('2026-11-27T15:00:00.000Z');
  t.equal(await found('hoyt'), 0, 'it is four in Oslo');
  const orgnr = gateway.world.persons[0]?.expected.find((one) => one.appId === appId)?.orgnr[0];
  const why = `/leverandor-tjenester/api/v1/applikasjoner/${appId}/forklaring?sprak=en`;
  const { json, headers } = await gateway.send({ client: 'fhi' }, 'POST', why, { brukerIdent, orgnr, sikkerhetsniva: 'hoyt' });
  t.equal(headers.get('Content-Language'), 'en');
  t.match(json.avgjorelser, [{ tillatt: false, grunner: [{ kode: 'after_hours' }], regler: [{ kilde: 'egen', revisjon: '2' }] }]);

  const later = { TILGANG_TOKEN: await gateway.tokenOf({ client: 'fhi' }) };
  t.match(
    await done(t, ['status', ...remote], later),
    /active: 2\nbefore: 1\nhighest: 2\nprocess [\s\S]*\n {2}2 {2}(un)?proven: answered [1-9][0-9]* \([0-9]+ µs each\), failed 0,/,
  );
  t.match(await done(t, ['rollback', '--reason', 'stengte ute for mange', ...remote], later), /done: revision 1 judges; before it did 2/);
  t.equal(await found(), all, 'it is back');
  t.match(await done(t, ['list', ...remote], later), /active 1 .*\nbefore 2 /);
  const again = await runInside(['policy', 'activate', '2', ...remote], later);
  t.match(again, { code: 1, stderr: /answered 409/ }, 'no way forward but by a later revision, or by name');
  t.notMatch(readFileSync(join(folder, '.manifest'), 'utf8'), /[0-9]{11}/);
});
