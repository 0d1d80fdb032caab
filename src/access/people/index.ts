// What the people of a konsument have: in lists, one person looked up, one removed from everything.
// A person is found by the konsument's own index: what others have given neither shows nor costs anything.
// The door of #access hands it on; the folders beside it import its files.
export { listEndingGrants, listGrants } from './list-grants.js';
export { type UnusedGrant, unusedGrants } from './list-unused.js';
export { lookUpPerson, lookUpPersonAt, type PersonView } from './look-up-person.js';
export { removePerson } from './remove-person.js';
