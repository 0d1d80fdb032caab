import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idportenIssuer, idportenName, personClaims } from '#idporten';
import { machineClaims, maskinportenIssuer, maskinportenName } from '#maskinporten';
import { openSigningKeys, type PublishedIssuer, type SigningKeys } from '#tokens';
import type { DemoWorld } from './world.js';

/** The key that the demo's tokens are signed with, below the data folder. @throws as openSigningKeys */
export function openDemoKeys(data: string): Promise<SigningKeys> {
  return openSigningKeys(join(data, 'demo-signing-keys'));
}

const ORIGIN_FILE = 'demo-origin';

/** Notes where a demo gateway is reached, by which its issuers are named: a token is made in another terminal, which does not know. */
export function rememberOrigin(data: string, origin: string): Promise<void> {
  return writeFile(join(data, ORIGIN_FILE), `${origin}\n`, { mode: 0o600 });
}

/** The origin of the demo gateway that was started last over the folder; `undefined` if there was none. */
export async function rememberedOrigin(data: string): Promise<string | undefined> {
  const text = (await readFile(join(data, ORIGIN_FILE), 'utf8').catch(() => '')).trim();
  return URL.canParse(text) && new URL(text).origin === text ? text : undefined;
}

/** The issuers that a demo gateway runs and trusts, by the origin that callers see. */
export function demoIssuers(origin: string, keys: Pick<SigningKeys, 'jwks'>): readonly PublishedIssuer[] {
  return [maskinportenIssuer(origin, keys), idportenIssuer(origin, keys)];
}

/** A client of the demo world, or a person or administrator: by id, a person by number too. */
export type DemoHolder = { readonly client: string } | { readonly person: string };

/** How a demo token is made. */
export interface DemoTokenOptions {
  /** The folder whose key signs; the key is made if it is not there. */
  readonly data: string;
  /** The gateway's, as callers see it. */
  readonly origin: string;
  readonly lifetimeSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. */
export async function demoTokenFor(world: DemoWorld, holder: DemoHolder, options: DemoTokenOptions): Promise<string | undefined> {
  const { data, origin, lifetimeSeconds, now } = options;
  const claims = 'client' in holder ? clientClaims(world, holder.client, origin) : holderClaims(world, holder.person, origin);
  if (claims === undefined) return undefined;
  const keys = await openDemoKeys(data);
  return keys.sign(claims, { expiresInSeconds: lifetimeSeconds, now });
}

function clientClaims({ clients }: DemoWorld, id: string, origin: string): object | undefined {
  const client = clients.find((one) => one.id === id);
  if (client === undefined) return undefined;
  return machineClaims({ issuer: maskinportenName(origin), audience: origin, client, scopes: client.scopes });
}

function holderClaims({ persons, administrators }: DemoWorld, name: string, origin: string): object | undefined {
  const person = [...persons, ...administrators].find(({ id, brukerIdent }) => id === name || brukerIdent === name);
  if (person === undefined) return undefined;
  const login = { clientId: 'demo-innlogging', acr: 'idporten-loa-high' };
  return personClaims({ issuer: idportenName(origin), audience: origin, pid: person.brukerIdent, ...login });
}
