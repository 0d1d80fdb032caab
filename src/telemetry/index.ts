// Logs. A record is one JSON line with fields of closed types: none of them can hold a person number.
// What is worth logging is decided by the boundary (http, cli, gateway); nothing below them logs.
// The gateway opens it and hands it down; it knows #domain, #settings and #problem.

export { createLog, type Log, type LogLevel } from './log.js';
export type { RequestRecord } from './request-line.js';
