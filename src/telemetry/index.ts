// Logs. A record is one JSON line with fields of closed types: none of them can hold a person number.
// What is worth logging is decided by the boundary (http, cli, gateway); nothing below them logs.
// The gateway opens it and hands it down; it knows #domain and #problem.

export { createLog, type Log, type LogLevel, type RequestRecord } from './log.js';
export { telemetrySettings } from './settings.js';
