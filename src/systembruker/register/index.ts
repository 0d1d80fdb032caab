// The system register: vendors' systems, which client is whose, and what has become of each of them.
// Who may what is decided in policies/systembruker/admin; whether a client is the vendor's own is seen in the documents of #maskinporten.
// The door of #systembruker hands it on; the folders beside it import its files.
export { hasClient } from './clients.js';
export {
  changePackages,
  changeRights,
  changeSystem,
  createSystem,
  deleteSystem,
  type SystemView,
  soundNewSystem,
  writeNewSystem,
} from './keep-systems.js';
export {
  listOwnSystems,
  listSystemChanges,
  listVisibleSystems,
  readOwnSystem,
  readSystem,
  type SystemChange,
} from './read-systems.js';
export { rightName, type SentRight, type SentSystem } from './sent-system.js';
