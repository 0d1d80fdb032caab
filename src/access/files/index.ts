// Access of organisations by the file: given from one, written to one. Lines are read, judged and written in batches, one use case for an
// organisation's own file and for the operator's, who differ in what the policy lets them do.
// Not here: the form of a file (#files). Person numbers are in the clear only in the file itself.
export { type ExportedGrant, exportGrants } from './export-grants.js';
export {
  type ImportOptions,
  importForOrganisation,
  importGrants,
  type OrganisationImport,
  type OrganisationImportReport,
} from './import-grants.js';
export type { ImportFault, ImportReport, ImportRow } from './import-report.js';
export { lineFields, memoized } from './line-fields.js';
export { type ImportLine, OPERATOR_BATCH_LINES, writeLines } from './write-lines.js';
