// Defaults, file and environment become one frozen, typed Config; only main hands it the environment.
// The rooms declare their own settings (#settings); sections.ts puts them together, and the type, the checks, docs/configuration.md
// and --print-config are made from that. What settings of different rooms must not say together is checked here.
// main and the gateway may call; it knows the sections of the rooms and #problem.
export { assertCallersPossible, isIdporten, isMaskinporten, isSystembruker, loadConfig, modeOf, redactedConfig } from './config.js';
export { configurationPage } from './page.js';
export { type Config, secretVariables, sections, settings, variableOf } from './sections.js';
export { programFolder, version } from './version.js';
