/**
 * Brings the files of a bundle to the device: in blocks, over a way on which nobody is trusted.
 *
 *     Delivery: one bundle, file by file ──▶ BlobStore: list, part, blob
 *        │
 *        └─ runFetch: one blob ◀── events, actions ──▶ BlobFetch (pure: FetchPace, Patience, OpenBlock)
 *               │
 *               └─ BlobWay: MqttWay, HttpWay
 *
 * Asking. The device asks, and has one request on its way. It wants at most 64 KiB, and no more than the link carries in
 * a quarter of a second, as the pieces of the requests before have told; a block may come in several pieces. What is had
 * stands in a bitmap, so that nothing comes twice. Pieces come in order: with the last one those that are missing are
 * lost, and are asked for again; without any the wait doubles up to five minutes.
 *
 * Checking. The order names the digest of the block list, the list that of each block. A block is written when it is
 * whole and is the list's; anything else has no effect and is counted. A blob with blocks that are not the list's too
 * often is given up (`blob.tampered`), one that nobody serves, or too slowly, too (`blob.unserved`): only time in which
 * the device is connected and waits for an answer counts.
 *
 * Telemetry first. No request goes while urgent or live records wait; where they never pause, one piece every five
 * seconds. Within the budget, where that is asked for, none goes while the day has no bytes left.
 *
 * Going on. Blocks are in the part of their blob, and are found there by hashing it: after a cut, a cancelled fetch, a
 * kill or a power cut the next fetch asks for the others alone.
 */

export type { BlobListener, BlobWay } from './blob-way.ts';
export { Delivery, type DeliveryDeps } from './delivery.ts';
export { badUrl } from './errors.ts';
export type { Refused } from './fetch-events.ts';
export type { FetchOptions, FetchOutcome, FetchProgress, FetchRefusal } from './fetch-outcome.ts';
export { HttpWay, type HttpWayOptions } from './http-way.ts';
export { MqttWay } from './mqtt-way.ts';
export { DEFAULT_LIMITS, type FetchLimits } from './patience.ts';
