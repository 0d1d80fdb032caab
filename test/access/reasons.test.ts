// Takes about 2 s.
import t from 'tap';
import { type AccessCaller, type AdminRequest, Asking, activateBundle, evaluate, giveGrants, pushBundle, putPolicyKey } from '#access';
import { type Mode, ownBundle, testKey } from '../fixtures/own-bundle.js';
import { ADA, APP, LUNDBY, openWorld, operator, order, SANDVIK, TILBYDER, tilbyder, type World } from './world.js';

const author: AdminRequest = { caller: { kind: 'machine', consumer: TILBYDER, clientId: 'ci', scopes: ['ks:fiks.tilbyder'] } };
const curious = { ...tilbyder, scopes: ['ks:fiks', 'ks:fiks.begrunnelse'] } as AccessCaller;
const key = testKey('k1');

async function judgingBy(world: World, mode: Mode, revision: string): Promise<void> {
  await putPolicyKey(world, author, TILBYDER, key.kid, { algorithm: key.algorithm, jwk: key.jwk }, 'any');
  const place = { orgnr: TILBYDER, appId: APP };
  const before = (files: Map<string, Uint8Array>): void => {
    const manifest = JSON.parse(Buffer.from(files.get('.manifest') as Uint8Array).toString());
    const reasons = { level_too_low: { nb: 'For svak innlogging.', en: 'Log in more surely.' } };
    files.set('.manifest', Buffer.from(JSON.stringify({ ...manifest, metadata: { tilgang: { reasons } } })));
  };
  await pushBundle(world, author, place, await ownBundle({ key, revision, mode, before }));
  await activateBundle(world, author, place, revision, 'any');
}

const question = (properties: Readonly<Record<string, unknown>>, acr?: string) => ({
  subject: { type: 'person', id: ADA },
  action: { name: 'use' },
  resource: { type: 'application', id: APP, properties },
  context: acr === undefined ? {} : { acr },
});

t.test('a no of the application’s own rules says what they say, such as that the log-in was not sure enough', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order()]);
  await judgingBy(world, 'high', '1');
  const ask = (properties: Readonly<Record<string, unknown>>, language?: 'nn' | 'en', acr?: string) =>
    evaluate(new Asking(world, curious, { language }), question(properties, acr));
  const low = { decision: false, context: { reasons: ['level_too_low'] } };
  t.same(await ask({ orgnr: SANDVIK }), low);
  t.same(await ask({}), low, 'and for any organisation');
  t.same(await ask({ orgnr: LUNDBY }), { decision: false, context: { reasons: ['grant_missing'] } }, 'where the standard rules say no');
  t.match(await ask({ orgnr: SANDVIK }, 'en'), { context: { reason_user: { en: 'Log in more surely.' } } });
  t.match(await ask({ orgnr: SANDVIK }, 'nn'), { context: { reason_user: { nb: 'For svak innlogging.' } } }, 'in the language that it has');
  t.match(await ask({ orgnr: SANDVIK }, undefined, 'idporten-loa-high'), { decision: true, context: { reasons: ['granted'] } });
  await judgingBy(world, 'none', '2');
  t.match(await ask({}), { decision: false, context: { reasons: ['own_rule'] } });
});

t.test('without the scope nothing more is judged for an answer', async (t) => {
  const world = await openWorld(t);
  const judged: string[] = [];
  const { bundle } = world;
  world.bundle = {
    ...bundle,
    evaluate(entrypoint, input) {
      judged.push(entrypoint);
      return bundle.evaluate(entrypoint, input);
    },
  };
  const caller = { ...tilbyder } as AccessCaller;
  const asked = async (who: AccessCaller): Promise<readonly string[]> => {
    judged.length = 0;
    await evaluate(new Asking(world, who, {}), question({ orgnr: SANDVIK }));
    return [...judged];
  };
  await asked(caller);
  t.same(await asked(caller), ['tilgang/access/search']);
  await asked(curious);
  t.same(await asked(curious), ['tilgang/access/search', 'tilgang/access/evaluate', 'tilgang/explained/told']);
});
