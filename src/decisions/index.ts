// The one way to ask a policy: a judge, pinned once per request, that answers rules and says which revision did.
// Which bundle judges is chosen here, and what lies around an evaluation (decision log, shadow, replay) has its place behind it.
// Not here: what a rule is asked about. The rooms of the sides (#access and its neighbours) build the input, at one place per question.
// The gateway opens it; those rooms and #http call it. It knows #policy and #problem.
export { createDecisions, type Decision, type Decisions, isTexts, type Judge, type Rule } from './decisions.js';
