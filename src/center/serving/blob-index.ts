import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EdgewrightError, reasonOf } from '../../common/core/index.ts';
import type { BundleFile } from '../../common/protocol/index.ts';
import { hashFile } from './describe-file.ts';
import { notServable } from './errors.ts';

/** Most files that one process serves. */
const MAX_FILES = 10_000;
/** Folders within one another. */
const MAX_DEPTH = 8;

/** A blob that can be served: a file, or the block list of one, in memory. */
export interface ServedBlob {
  readonly sha256: string;
  readonly length: number;
  /** The path below the folder of bundles, of a list that of its file. */
  readonly path: string;
  readonly content: { readonly file: string; readonly modified: number } | { readonly list: Uint8Array };
}

/** What is served, by digest, and each file as an order names it. */
export interface BlobIndex {
  readonly blobs: ReadonlyMap<string, ServedBlob>;
  readonly files: readonly BundleFile[];
}

/**
 * Hashes every file below a folder. What is no regular file is left out, links included. Throws `serving.not-servable`.
 */
export async function indexBundles(folder: string): Promise<BlobIndex> {
  const blobs = new Map<string, ServedBlob>();
  const files: BundleFile[] = [];
  try {
    for (const path of await filesBelow(folder)) {
      const file = join(folder, path);
      const { list, modified, ...hashed } = await hashFile(file);
      files.push({ path, ...hashed });
      const { sha256, length, blocks } = hashed;
      if (!blobs.has(sha256)) blobs.set(sha256, { sha256, length, path, content: { file, modified } });
      if (!blobs.has(blocks)) blobs.set(blocks, { sha256: blocks, length: list.byteLength, path, content: { list } });
    }
  } catch (error) {
    if (error instanceof EdgewrightError) throw error;
    throw notServable(folder, reasonOf(error), { cause: error });
  }
  return { blobs, files };
}

/** The regular files below a folder, by path with `/`, in order. */
async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw notServable(folder, `has folders more than ${MAX_DEPTH} deep`);
    for (const name of (await readdir(join(folder, below))).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      const stat = await lstat(join(folder, path));
      if (stat.isDirectory()) await visit(path, depth + 1);
      else if (stat.isFile()) found.push(path);
      if (found.length > MAX_FILES) throw notServable(folder, `has more than ${MAX_FILES} files`);
    }
  };
  await visit('', 0);
  return found;
}
