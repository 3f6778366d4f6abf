import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, listedFiles, MANIFEST, openBundle } from './bundle.ts';

/** Writes the list of files with their digests into the manifest; returns the bundle as it is then. */
export async function packBundle(bundle: Bundle): Promise<Bundle> {
  const path = join(bundle.folder, MANIFEST);
  const manifest = { ...(bundle.json(MANIFEST) as Record<string, unknown>), files: listedFiles(bundle) };
  await writeFile(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${path}.part`, path);
  return openBundle(bundle.folder);
}
