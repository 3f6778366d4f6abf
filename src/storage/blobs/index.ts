/**
 * The files of delivered bundles on the gateway's disk, by their content.
 *
 * A blob has its name (`blobs/sha256/HEX`) only when its content is on the disk and was hashed from there: fsync of the
 * file, rename, fsync of the folder. Until then it is `HEX.part`, without a journal: after a power cut what of it is
 * whole is told by hashing its blocks. Everything is this user's alone. What bounds it: `max` over blobs and parts, and
 * `freeFloor` on the disk, looked at before a part is opened and before each block is written.
 */

export { type BlobName, BlobStore, type BlobStoreOptions } from './blob-store.ts';
export { failed, noRoom } from './errors.ts';
export type { Part } from './part.ts';
export { type DeploymentConfig, deploymentSchema } from './schema.ts';
