import type { Entity } from '#storage';
import type { IssuerSecret, KeyRing } from './ring.js';

/** Key: name. In the registry: every node has the ring at hand, and never an old one. */
export const keyRings: Entity<KeyRing> = { name: 'issuer-keys', isRegistry: true, key: ({ name }) => name, indexes: {} };

/** Key: kid. Apart from the ring and without history: what is erased is gone. */
export const issuerSecrets: Entity<IssuerSecret> = {
  name: 'issuer-secret',
  key: ({ kid }) => kid,
  indexes: {},
  keepsNoHistory: true,
};

/** Where this room keeps something sealed. */
export const sealedIssuerSecrets = {
  entity: issuerSecrets,
  mapped: (value: IssuerSecret, each: (sealed: string, boundTo: string) => string): IssuerSecret => ({
    ...value,
    sealed: each(value.sealed, value.kid),
  }),
};
