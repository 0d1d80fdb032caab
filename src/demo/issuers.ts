import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idportenName, personClaims } from '#idporten';
import { machineClaims, maskinportenName } from '#maskinporten';
import type { TokenSigner } from '#tokens';
import type { DemoWorld } from './world.js';

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

/** A client of the demo world, or a person or administrator: by id, a person by number too. */
export type DemoHolder = { readonly client: string } | { readonly person: string };

/** How a demo token is made. */
export interface DemoTokenOptions {
  /** Of the gateway's issuers. */
  readonly signer: TokenSigner;
  /** The gateway's, as callers see it. */
  readonly origin: string;
  readonly lifetimeSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. @throws as the signer */
export async function demoTokenFor(world: DemoWorld, holder: DemoHolder, options: DemoTokenOptions): Promise<string | undefined> {
  const { signer, origin, lifetimeSeconds, now } = options;
  const claims = 'client' in holder ? clientClaims(world, holder.client, origin) : holderClaims(world, holder.person, origin);
  if (claims === undefined) return undefined;
  return signer.sign(claims, { expiresInSeconds: lifetimeSeconds, now });
}

function clientClaims({ clients }: DemoWorld, id: string, origin: string): object | undefined {
  const client = clients.find((one) => one.id === id);
  if (client === undefined) return undefined;
  return machineClaims({ issuer: maskinportenName(origin), audience: origin, client, scopes: client.scopes });
}

/** As one who reads and keeps one's own contact data, and answers vendors for a business. */
const PERSON_SCOPES = [
  'openid',
  'profile',
  'krr:user/kontaktinformasjon.read',
  'krr:user/digitalpost.read',
  'krr:user/spraak.write',
  'altinn:portal/enduser',
];

function holderClaims({ persons, administrators }: DemoWorld, name: string, origin: string): object | undefined {
  const person = [...persons, ...administrators].find(({ id, brukerIdent }) => id === name || brukerIdent === name);
  if (person === undefined) return undefined;
  const login = { clientId: 'demo-innlogging', acr: 'idporten-loa-high', scopes: PERSON_SCOPES };
  return personClaims({ issuer: idportenName(origin), audience: origin, pid: person.brukerIdent, ...login });
}
