// Grants by the file: given from one, written to one. Lines are read, judged and written in batches; person numbers are in the clear only in the file.
export { type ExportedGrant, exportGrants } from './export-grants.js';
export {
  type ImportOptions,
  importForOrganisation,
  importGrants,
  type OrganisationImport,
  type OrganisationImportReport,
} from './import-grants.js';
export type { ImportFault, ImportReport, ImportRow } from './import-report.js';
