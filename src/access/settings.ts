import { integer, section, setting, type ValuesOf } from '#settings';

const MIB = 2 ** 20;

/** How much one organisation may have here: what others have is not slowed, and the store not filled, by one of them. */
export const accessSettings = section('Quotas', {
  applicationsPerTilbyder: setting(integer(1, 100_000), {
    fallback: 1000,
    about:
      'How many applications a tilbyder may have that are not retired; then registering another is refused (`quota-reached`). The operator’s own registering is not counted.',
  }),
  draftsPerTilbyder: setting(integer(1, 100_000), {
    fallback: 100,
    about: 'How many of them may be drafts.',
  }),
  bundlesPerApplication: setting(integer(2, 1000), {
    fallback: 20,
    about:
      'How many policy bundles of an application are kept. Of more, those that were pushed first are removed; never the active one, the one before it, or one that is shadowed or trusted.',
  }),
  bundleBytesPerTilbyder: setting(integer(MIB, 65_536 * MIB), {
    fallback: 256 * MIB,
    about: 'How many bytes the policy bundles of a tilbyder may have together; then pushing another is refused (`quota-reached`).',
  }),
  clientsPerOrganisation: setting(integer(1, 100_000), {
    fallback: 1000,
    about:
      'How many active clients of the Maskinporten side an organisation may keep, for itself and for others; then registering another is refused (`quota-reached`). The operator’s own registering is not counted.',
  }),
  administratorsPerOrganisation: setting(integer(1, 1000), {
    fallback: 200,
    about: 'How many administrators an organisation may have at once; then appointing another is refused (`quota-reached`).',
  }),
  scopesPerOrganisation: setting(integer(1, 1_000_000), {
    fallback: 10_000,
    about:
      'How many active scopes an organisation may have; then making or reviving another is refused (`quota-reached`). What the operator makes is counted in none of these.',
  }),
  accessesPerOrganisation: setting(integer(1, 9_000_000), {
    fallback: 1_000_000,
    about: 'How many accesses to its scopes an organisation may have granted that are not revoked.',
  }),
  delegationsPerOrganisation: setting(integer(1, 1_000_000), {
    fallback: 10_000,
    about:
      'How many delegations an organisation may have given to suppliers that are not withdrawn; and, counted apart, to how many others it may have given packages for their agents.',
  }),
  systemsPerVendor: setting(integer(1, 100_000), {
    fallback: 1000,
    about: 'How many systems a vendor may have in the system register that are not deleted.',
  }),
});

/** How much one organisation may have. */
export type Quotas = ValuesOf<(typeof accessSettings)['settings']>;
