// What rights are about: services of their owners, and packages of them that the operator keeps.
// Who may what is decided in policies/systembruker/admin; what a person may give of them in policies/systembruker/delegation.
// The door of #systembruker hands it on; the folders beside it import its files.
export { type CatalogueReport, importCatalogue } from './import-catalogue.js';
export {
  listPackages,
  listResources,
  type PackageView,
  putPackage,
  putResource,
  type ResourceView,
  readPackage,
  readResource,
  removeResource,
} from './keep-resources.js';
export { type PackageTerms, type ResourceTerms, soundResource } from './sound.js';
