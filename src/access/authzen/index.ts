// The questions of the OpenID AuthZEN Authorization API 1.0, answered by the same rules as every other: what it calls a person, an application and an
// organisation are ours, system users are another room's, other kinds are judged by bundles that declare them.
// http may call; it knows no wire form but the information model's.

export { RESOURCE, SYSTEM_USER } from './asked.js';
export { Asking, type Telling } from './asking.js';
export { askDocument, openBundles } from './documents.js';
export { assertMayAsk, type Decided, decide, evaluate, evaluateAll, type Item, MayNotAsk, type Semantic } from './evaluate.js';
export type { JudgedKinds } from './judged-kinds.js';
export { type DeclaringBundle, judgedKinds } from './kinds.js';
export type { Action, Entity, Evaluation, Outcome, Properties, Sought } from './nouns.js';
export type { AskedPage, Found, PagePlace } from './page-place.js';
export { pageOf } from './page-place.js';
export type { RoomAsker, RoomDecision, RoomKinds, RoomSearch } from './room-kinds.js';
export { type ActionQuestion, type ResourceQuestion, searchActions, searchResources } from './search.js';
export { type SubjectQuestion, searchSubjects } from './search-subjects.js';
