// The one error class, its catalogue and its written form.
// Whatever may go wrong for a caller or an operator has its entry here; nothing else decides on a status.
// Every room may call it; it calls nobody.
export { catalogue, type ProblemEntry, type ProblemSlug } from './catalogue.js';
export { type ProblemDetails, problemDetails } from './details.js';
export { invalid, invalidParameter } from './invalid.js';
export { type FieldFault, ProblemError, type ProblemOptions } from './problem-error.js';
