// Defaults, file and environment become one frozen, typed Config; only main hands it the environment.
// One table says of each key its type, default, environment name and meaning; the page docs/configuration.md is made from it.
// main and the gateway may call; it knows #problem and the issuer type of #tokens.
export { type Config, configTable, loadConfig, type Mode, publicOrigin, redactedConfig } from './config.js';
export { configurationPage } from './page.js';
