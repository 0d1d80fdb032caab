// What a konsument's people have: lists of them, one person looked up or removed. Nothing here reads what others have given.
export { listEndingGrants, listGrants } from './list-grants.js';
export { lookUpPerson, lookUpPersonAt, type PersonView } from './look-up-person.js';
export { removePerson } from './remove-person.js';
