import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'tsup';

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}

/** Workers and the command line are tested as they ship: from `dist`, rebuilt when a source is newer. */
export default async function setup(): Promise<void> {
  const built = await stat('dist/main.js').then(
    (file) => file.mtimeMs,
    () => 0,
  );
  if (built < Math.max(await newest('src'), (await stat('tsup.config.ts')).mtimeMs)) await build({ clean: false });
}
