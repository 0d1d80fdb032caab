import { isFault } from '#domain';
import { cleanLogo, type LogoType } from './clean-logo.js';

/** What the thread is sent. */
export interface LogoTask {
  readonly bytes: Uint8Array;
  readonly declared: LogoType;
}

/** What the thread sends back: the cleaned bytes, or what is wrong with the picture. */
export type LogoOutcome = { readonly bytes: Uint8Array } | { readonly fault: string };

/** Cleans one picture, in the thread that the pool has started. */
export async function cleanInThread({ bytes, declared }: LogoTask): Promise<LogoOutcome> {
  const cleaned = await cleanLogo(Buffer.from(bytes), declared);
  return isFault(cleaned) ? { fault: cleaned.detail } : { bytes: cleaned.bytes };
}
