/**
 * The serving side of bundles: answers the requests of devices for pieces of a folder's files and their block lists.
 *
 * It has no state that matters: what a device has stands in the request, so it can be stopped, started again and run on
 * several machines. Devices take turns, a piece each; a device has one request, the newest. What is on its way is bounded
 * over all of them. Nothing is promised to a device here: it checks everything itself.
 */

export { type BlobIndex, indexBundles, type ServedBlob } from './blob-index.ts';
export { BlobService, type ServingListener, type ServingProgress, type ServingTarget } from './blob-service.ts';
export { type HashedFile, hashFile } from './describe-file.ts';
export { notServable, unreachable } from './errors.ts';
