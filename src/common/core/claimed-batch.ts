/** Records sealed for one publish: the storage thread makes the bytes, the uplink only carries them. */
export interface ClaimedBatch {
  /** Names the claim to `confirm`, `release` and `reject`. */
  readonly id: number;
  readonly lane: Lane;
  /** How many records are in it. */
  readonly records: number;
  /** The batch as it is published: JSON, as it is or in gzip. */
  readonly payload: Uint8Array;
  readonly contentType: 'application/json' | 'application/gzip';
}

/**
 * Records that are claimed together, by what is sent first. `urgent`: alarms, losses and events, newest first. `live`:
 * everything else from when the link stood on, and `backlog` from before it, each oldest first. `again`: what was
 * confirmed already and is wanted once more.
 */
export const LANES = ['urgent', 'live', 'backlog', 'again'] as const;
/** See `LANES`. */
export type Lane = (typeof LANES)[number];
