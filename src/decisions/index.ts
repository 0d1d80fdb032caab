// The one way to ask a policy: a judge, pinned once per request, that answers rules and says which revision did.
// Which bundle judges is chosen here, and what lies around an evaluation (decision log, shadow, replay) has its place behind it.
// log/ writes each decision in OPA's event format before it is answered, masks it, sends it to a collector, and reads it again.
// Not here: what a rule is asked about. The rooms of the sides (#access and its neighbours) build the input, at one place per question.
// The gateway opens it; those rooms, #http and #cli call it. It knows #domain, #policy, #settings and #problem.
export {
  type Asker,
  createDecisions,
  type Decision,
  type DecisionRecord,
  type Decisions,
  type DecisionsOptions,
  isBooleans,
  isRuling,
  isTexts,
  type Judge,
  type Rule,
  type Ruling,
} from './decisions.js';
export { type DecisionEvent, type DecisionFacts, GAP_PATH } from './log/decision-event.js';
export { DecisionLog, type DecisionLogOptions, type LogState } from './log/decision-log.js';
export { type LogOnDisk, logOnDisk } from './log/log-on-disk.js';
export { type DecisionRange, readDecisions } from './log/read-decisions.js';
export type { UploadState } from './log/upload.js';
export type { DecisionSettings } from './settings.js';
