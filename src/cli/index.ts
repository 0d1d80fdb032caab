// The command line: one file per command, each over ports that the caller hands in.
// It reads arguments and files and writes for people and pipes; it opens no store and knows no configuration key.
// Only main calls it.
export type { Check } from './examine.js';
export type {
  BackupReport,
  CommandPorts,
  CopyReport,
  ExaminedSettings,
  ExaminedStore,
  KeepingOptions,
  OpenAccess,
  RestoreReport,
  Told,
} from './ports.js';
export { runCli } from './run.js';
