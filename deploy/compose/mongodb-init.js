// Run by mongosh on mongodb-1: the replica set, its administrator, and the gateway's role and user. Each step may be repeated.
const fs = require('fs');
const passwordOf = (name) => fs.readFileSync(`/run/secrets/${name}.password`, 'utf8').trim();
const admin = db.getSiblingDB('admin');

if (!db.hello().setName) {
  const members = [1, 2, 3].map((n) => ({ _id: n, host: `mongodb-${n}:27017`, priority: n === 1 ? 2 : 1 }));
  rs.initiate({ _id: 'tilgang', members });
}
for (let tries = 0; !db.hello().isWritablePrimary; tries += 1) {
  if (tries === 120) throw new Error('mongodb-1 has not become the primary within two minutes');
  sleep(1000);
}

try {
  admin.createUser({ user: 'admin', pwd: passwordOf('mongodb-admin'), roles: ['root'] });
} catch (error) {
  // There is one, so it is the one that may.
  if (error.codeName !== 'Unauthorized') throw error;
}
if (!admin.auth('admin', passwordOf('mongodb-admin'))) throw new Error('the administrator has another password');

const tilgang = db.getSiblingDB('tilgang');
// The least that a gateway works with: what is in the log it can neither change nor remove (docs/operations.md).
const resources = (actions, ...collections) => collections.map((collection) => ({ resource: { db: 'tilgang', collection }, actions }));
const builds = ['createCollection', 'createIndex', 'listIndexes'];
const privileges = [
  ...resources(['find', 'insert', 'update', 'remove', ...builds], 'documents', 'registry'),
  ...resources(['find', 'insert', ...builds], 'events'),
];
if (tilgang.getRole('gateway')) tilgang.updateRole('gateway', { privileges, roles: [] });
else tilgang.createRole({ role: 'gateway', privileges, roles: [] });
const user = { pwd: passwordOf('mongodb-tilgang'), roles: ['gateway'] };
if (tilgang.getUser('tilgang')) tilgang.updateUser('tilgang', user);
else tilgang.createUser({ user: 'tilgang', ...user });
print('the replica set is made, and the gateway has its user');
