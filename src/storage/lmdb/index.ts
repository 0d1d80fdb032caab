// The storage port on LMDB: embedded, several processes on one machine, one folder.
// How bytes are laid out is in layout.ts, how changes are grouped and written in writer.ts; nothing of LMDB leaves this folder.
// Only the gateway and tests call it.
export { type LmdbOptions, openLmdbStore } from './lmdb-store.js';
export { beginByFile, readWholeLmdb, type WholeLmdbOptions, writeWholeLmdb } from './whole/open-whole.js';
