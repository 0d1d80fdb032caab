import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the manifest of a policy folder, or of a bundle, says for this product. */
export interface PolicyMetadata {
  /** App-ID of the application that it judges. */
  readonly application?: string;
  /** The rules that are asked, if it judges kinds of its own instead. */
  readonly judges?: readonly string[];
  /** Whether some of them are asked with whatever input there is. */
  readonly takesAnything?: boolean;
}

/** What stands under `metadata.tilgang`; nothing where the manifest is absent, or of another shape. */
export function policyMetadata(manifest: string | undefined): PolicyMetadata {
  try {
    const { metadata } = JSON.parse(manifest ?? '{}') as { metadata?: { tilgang?: { application?: unknown; judges?: object } } };
    const { application, judges } = metadata?.tilgang ?? {};
    if (judges !== undefined) return { judges: rulesOf(judges), takesAnything: 'documents' in judges };
    return typeof application === 'string' && application !== 'APP-ID' ? { application } : {};
  } catch {
    return {};
  }
}

function rulesOf(judges: { readonly decision?: unknown; readonly candidates?: unknown; readonly documents?: unknown }): readonly string[] {
  return [judges.decision, judges.candidates, judges.documents].flat().filter((rule) => typeof rule === 'string');
}

/** The same of a folder. */
export async function folderMetadata(folder: string): Promise<PolicyMetadata> {
  return policyMetadata(await readFile(join(folder, '.manifest'), 'utf8').catch(() => undefined));
}
