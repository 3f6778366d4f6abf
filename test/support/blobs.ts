import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BlobStore, type BlobStoreOptions } from '../../src/storage/blobs/index.ts';
import { silent } from './noise.ts';

export { described, hexOf, noise, silent } from './noise.ts';

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'blobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openBlobs(path: string, options: Partial<BlobStoreOptions> = {}): Promise<BlobStore> {
  return BlobStore.open({ path, max: 2 ** 30, freeFloor: 0, logger: silent, ...options });
}
