import { setTimeout as pause } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';
import t from 'tap';
import { Pulse } from '#storage/mongodb';

/** A client whose driver waits for a connection that never comes, also when it is closed. @param heeds whether those who wait hear of a topology that is closed */
function stuckClient(heeds: boolean) {
  const told = { closed: 0, brokenOff: 0, connected: 0 };
  let release = (): void => {};
  const client = {
    topology: {
      close() {
        told.brokenOff += 1;
        if (heeds) release();
      },
    },
    close() {
      told.closed += 1;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    async connect() {
      told.connected += 1;
    },
  } as unknown as MongoClient;
  const epochs = { findOne: () => new Promise(() => {}) } as unknown as ConstructorParameters<typeof Pulse>[0]['epochs'];
  return { client, epochs, told };
}

t.test('a client that waits for ever for a connection is broken off, and begins anew (fault 22)', async (t) => {
  const { client, epochs, told } = stuckClient(true);
  const pulse = new Pulse({ client, epochs }, 40);
  while (told.connected === 0) await pause(5);
  t.ok(told.brokenOff >= 1);
  await pulse.close();
});

t.test('one that does not end even then is tried again, and whoever closes does not wait for ever', async (t) => {
  const { client, epochs, told } = stuckClient(false);
  const pulse = new Pulse({ client, epochs }, 20);
  while (told.closed < 2) await pause(5);
  await pulse.close();
  t.equal(told.connected, 0);
});
