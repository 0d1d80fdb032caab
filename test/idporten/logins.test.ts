import t from 'tap';
import { demoWorld } from '#demo';
import { DAY_MS, toInstant } from '#domain';
import { hasEverLoggedIn, hasLoggedIn, highestSince, loginsOf, recordLogin } from '#idporten';
import { logins } from '#idporten/entities';
import { FHI, NOON, OSLO, openRoom } from '../maskinporten/room.js';

const [ola, kari] = demoWorld(toInstant(0)).persons.map(({ brukerIdent }) => brukerIdent) as [Pid, Pid];
type Pid = ReturnType<typeof demoWorld>['first']['brukerIdent'];
const HISTORY = { loginHistoryDays: 1000 };
const HIGH = { acr: 'idporten-loa-high', amr: ['BankID'] };
const LOWER = { acr: 'idporten-loa-substantial', amr: ['Minid-OTP'] };
const at = (orgnr: typeof FHI) => ({ clientId: `client of ${orgnr}`, orgnr, name: 'Skjema' });

t.test('logins are told by person and by organisation, the latest first, and nothing names the person but the HMAC', async (t) => {
  const room = await openRoom(t);
  const login = async (person: Pid, how: typeof HIGH, orgnr: typeof FHI) => {
    room.later(1);
    await recordLogin(room, HISTORY, { person, ...how, service: at(orgnr) });
  };
  await login(ola, HIGH, FHI);
  await login(ola, LOWER, OSLO);
  await login(kari, HIGH, OSLO);
  await login(ola, LOWER, FHI);
  const [olas, karis] = [room.vault.nameOf(ola), room.vault.nameOf(kari)];
  const all = await loginsOf(room.store, olas, { limit: 10 });
  t.same(
    all.items.map(({ service, level }) => [service.orgnr, level]),
    [
      [FHI, 'substantial'],
      [OSLO, 'substantial'],
      [FHI, 'high'],
    ],
  );
  t.notOk(JSON.stringify(all).includes(ola));
  const first = await loginsOf(room.store, olas, { limit: 1 }, FHI);
  t.same(first.items, [all.items[0]]);
  const next = await loginsOf(room.store, olas, { limit: 1, ...(first.next && { cursor: first.next }) } as { limit: number }, FHI);
  t.same(next.items, [all.items[2]]);
  t.equal((await loginsOf(room.store, karis, { limit: 10 })).items.length, 1);
  t.equal((await room.store.events.of(logins.name, logins.key(all.items[0] as never), { limit: 1 })).events.length, 0, 'without events');
});

t.test('how surely a person has logged in is told from a moment on, that moment included', async (t) => {
  const room = await openRoom(t);
  const name = room.vault.nameOf(ola);
  t.notOk(await hasEverLoggedIn(room.store, name));
  await recordLogin(room, HISTORY, { person: ola, ...HIGH, service: at(FHI) });
  const then = toInstant(room.now);
  room.later(30);
  await recordLogin(room, HISTORY, { person: ola, ...LOWER, service: at(FHI) });
  const after = toInstant(NOON + 1);
  t.equal(await highestSince(room.store, name, then), 'high');
  t.equal(await highestSince(room.store, name, after), 'substantial');
  t.ok(await hasLoggedIn(room.store, name, 'high', then));
  t.notOk(await hasLoggedIn(room.store, name, 'high', after));
  t.equal(await highestSince(room.store, name, toInstant(room.now + DAY_MS)), undefined);
  t.ok(await hasEverLoggedIn(room.store, name));
  t.notOk(await hasEverLoggedIn(room.store, room.vault.nameOf(kari)));
});
