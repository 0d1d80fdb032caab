import { join } from 'node:path';
import { idportenIssuer, personClaims } from '#idporten';
import { machineClaims, maskinportenIssuer } from '#maskinporten';
import { openSigningKeys, type PublishedIssuer, type SigningKeys } from '#tokens';
import type { DemoWorld } from './world.js';

/** The key that the demo's tokens are signed with, below the data folder. @throws as openSigningKeys */
export function openDemoKeys(data: string): Promise<SigningKeys> {
  return openSigningKeys(join(data, 'demo-signing-keys'));
}

/** The issuers that a demo gateway runs and trusts, by the origin that callers see. */
export function demoIssuers(origin: string, keys: Pick<SigningKeys, 'jwks'>): readonly PublishedIssuer[] {
  return [maskinportenIssuer(origin, keys), idportenIssuer(origin, keys)];
}

/** A client of the demo world, or a person or administrator: by id, a person by number too. */
export type DemoHolder = { readonly client: string } | { readonly person: string };

/** How a demo token is made. */
export interface DemoTokenOptions {
  readonly keys: SigningKeys;
  /** The gateway's, as callers see it. */
  readonly origin: string;
  readonly lifetimeSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. */
export async function demoTokenFor(world: DemoWorld, holder: DemoHolder, options: DemoTokenOptions): Promise<string | undefined> {
  const { keys, lifetimeSeconds, now } = options;
  const claims = 'client' in holder ? clientClaims(world, holder.client, options) : holderClaims(world, holder.person, options);
  return claims === undefined ? undefined : keys.sign(claims, { expiresInSeconds: lifetimeSeconds, now });
}

function clientClaims({ clients }: DemoWorld, id: string, { origin, keys }: DemoTokenOptions): object | undefined {
  const { issuer } = maskinportenIssuer(origin, keys).trusted;
  const client = clients.find((one) => one.id === id);
  return client === undefined ? undefined : machineClaims({ issuer, audience: origin, client, scopes: client.scopes });
}

function holderClaims({ persons, administrators }: DemoWorld, name: string, { origin, keys }: DemoTokenOptions): object | undefined {
  const { issuer } = idportenIssuer(origin, keys).trusted;
  const person = [...persons, ...administrators].find(({ id, brukerIdent }) => id === name || brukerIdent === name);
  if (person === undefined) return undefined;
  const login = { clientId: 'demo-innlogging', acr: 'idporten-loa-high' };
  return personClaims({ issuer, audience: origin, pid: person.brukerIdent, ...login });
}
