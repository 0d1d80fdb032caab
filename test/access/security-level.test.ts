import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import t from 'tap';
import { type AccessCaller, giveGrants, searchOrganisations, tryDecision } from '#access';
import { type SecurityLevel, securityLevelOf } from '#domain';
import { JsonText } from '#policy';
import { ADA, APP, openWorld, operator, order, SANDVIK, TILBYDER, tilbyder, type World } from './world.js';

const schema = JSON.parse(await readFile(new URL('../../policies/schemas/access-input.json', import.meta.url), 'utf8'));
const isInput = new Ajv({ strict: false }).compile(schema);

/** Lets everybody ask, and answers what the rules of access were asked. */
function watch(world: World): Record<string, { context: object; subject: object; application: object }>[] {
  const seen: Record<string, never>[] = [];
  const { bundle } = world;
  world.bundle = {
    ...bundle,
    evaluate(entrypoint, input) {
      if (entrypoint === 'tilgang/access/may_ask') return { allowed: true, reasons: [] };
      if (input instanceof JsonText) seen.push({ [entrypoint]: JSON.parse(input.text) as never });
      return bundle.evaluate(entrypoint, input);
    },
  };
  return seen;
}

t.test('the level of a log-in is that of the person’s token; what the caller says counts for a machine only (threat 45)', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order()]);
  const seen = watch(world);
  const person = (acr?: string): AccessCaller => ({ kind: 'person', clientId: 'app', scopes: [], ...(acr === undefined ? {} : { acr }) });
  const told = async (caller: AccessCaller, securityLevel?: SecurityLevel): Promise<unknown> => {
    const question = { caller, appId: APP, person: ADA };
    t.ok((await searchOrganisations(world, securityLevel === undefined ? question : { ...question, securityLevel })).allowed);
    const asked = seen.pop()?.['tilgang/access/search'];
    t.ok(isInput(asked), JSON.stringify(isInput.errors));
    t.match(asked, { subject: { type: 'person', id: world.vault.nameOf(ADA) }, application: { id: APP } });
    return (asked?.context as { securityLevel?: unknown } | undefined)?.securityLevel;
  };
  t.equal(await told(tilbyder), undefined, 'not told');
  t.equal(await told(tilbyder, 'substantial'), 'substantial');
  t.equal(await told(person('idporten-loa-low'), 'high'), 'low');
  t.equal(await told(person('Level3'), 'high'), 'substantial');
  t.equal(await told(person('idporten-loa-high'), 'low'), 'high');
  t.equal(await told(person('idporten-loa-HIGH'), 'high'), undefined, 'a token that names no level');
  t.equal(await told(person(), 'high'), undefined, 'a token without one');
});

t.test('the former and the present spelling of an acr name the same level, and a word of an object none (threat 54)', async (t) => {
  for (const acr of ['idporten-loa-high', 'Level4']) t.equal(securityLevelOf(acr), 'high', acr);
  for (const acr of ['constructor', '__proto__', 'high', '']) t.equal(securityLevelOf(acr), undefined, acr);
});

t.test('a trial tells the rules the level that is thought up, and is decided by the search', async (t) => {
  const world = await openWorld(t);
  const caller = { kind: 'machine', consumer: TILBYDER, clientId: 'client', scopes: ['ks:fiks.tilbyder'] } as const;
  const seen = watch(world);
  const trial = { person: ADA, grants: [{ konsument: SANDVIK, roles: ['use'], activated: true }], securityLevel: 'high' as const };
  t.match(await tryDecision(world, { caller }, APP, trial), [{ allowed: true, reasons: ['granted'] }]);
  t.match(seen, [
    { 'tilgang/access/search': { context: { securityLevel: 'high' } } },
    { 'tilgang/access/evaluate': { resource: { id: SANDVIK } } },
  ]);
  for (const one of seen) t.ok(isInput(Object.values(one)[0]), JSON.stringify(isInput.errors));
  const { bundle } = world;
  world.bundle = { ...bundle, evaluate: (rule, input) => (rule === 'tilgang/access/search' ? [] : bundle.evaluate(rule, input)) };
  await t.rejects(
    tryDecision(world, { caller }, APP, trial),
    { name: 'ProblemError', slug: 'evaluation-failed' },
    'a reason that says otherwise is no answer',
  );
});
