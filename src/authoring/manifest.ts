import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the manifest of a policy folder, or of a bundle, says for this product. */
export interface PolicyMetadata {
  /** App-ID of the application that it judges. */
  readonly application?: string;
}

/** What stands under `metadata.tilgang`; nothing where the manifest is absent, or of another shape. */
export function policyMetadata(manifest: string | undefined): PolicyMetadata {
  try {
    const { metadata } = JSON.parse(manifest ?? '{}') as { metadata?: { tilgang?: { application?: unknown } } };
    const application = metadata?.tilgang?.application;
    return typeof application === 'string' && application !== 'APP-ID' ? { application } : {};
  } catch {
    return {};
  }
}

/** The same of a folder. */
export async function folderMetadata(folder: string): Promise<PolicyMetadata> {
  return policyMetadata(await readFile(join(folder, '.manifest'), 'utf8').catch(() => undefined));
}
