import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { claims, underClaim } from '#access';
import { toInstant } from '#domain';
import { openLmdbStore } from '#storage/lmdb';
import { temporaryFolder } from '../fixtures/gateway.js';

const facts = { action: 'claim.take', at: toInstant(0), actor: 'operator' };

t.test('whoever has lost a claim is told while it works, breaks off, and leaves the claim to who has it now', async (t) => {
  const store = await openLmdbStore({ path: join(temporaryFolder(t), 'data'), entities: [claims] });
  t.teardown(() => store.close());
  const collection = store.collection(claims);
  const later = toInstant(Date.now() + 60_000);
  const outcome = await underClaim(
    store,
    Date.now,
    'it',
    async (held) => {
      t.equal(await underClaim(store, Date.now, 'it', async () => 'done'), 'taken');
      await collection.put({ what: 'it', holder: 'another', expiresAt: later }, { expect: 'any', facts });
      await delay(60_000, undefined, { signal: held });
      return 'done';
    },
    1500,
  );
  t.equal(outcome, 'taken');
  t.equal((await collection.get('it'))?.value.holder, 'another');
});
