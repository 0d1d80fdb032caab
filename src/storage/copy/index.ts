// A store as a whole, beneath the port: copied into another one as it is, kept in a file, brought back from there.
// Here is what both adapters share: how events are replayed, how two stores are compared, how the file is written and read.
// What an adapter does for it is in its folder (whole/). Only installation.ts and the files beside main call it.
export { type BackupHeader, type BackupOptions, type OpenBackup, openBackup, writeBackup } from './backup-file.js';
export { answerCheck, checkBeside } from './check-beside.js';
export { type CopyReport, copyStore, type RestoreReport, restoreStore, type Told } from './copy-store.js';
export type { CheckLog, PassingDocument, WholeSource, WholeTarget } from './whole-store.js';
