// How a room declares its settings: readers of values, settings made of them, and sections that put a room's settings together.
// A section holds each key once; the type, the checks, docs/configuration.md and --print-config are made from it by #config.
// Nothing here knows a key, and no room reads a file or the environment.
// Every room may call it; it knows #problem and #fetching only.
export { loadYaml } from './load-yaml.js';
export { Expected, integer, listOf, network, oneOf, origin, path, type Reader, text } from './readers.js';
export { optional, type Section, type Setting, type SettingTable, section, setting, type ValuesOf } from './section.js';
