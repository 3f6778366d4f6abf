/** Records sealed for one publish: the store made the bytes, the uplink only carries them. */
export interface ClaimedBatch {
  readonly id: number;
  readonly lane: Lane;
  readonly records: number;
  /** The batch as in the contract, gzip or plain JSON. */
  readonly payload: Uint8Array;
  readonly contentType: 'application/json' | 'application/gzip';
}

/**
 * `urgent`: alarms, losses and events, newest first. `live`: everything else from when the link stood on, and `backlog`
 * from before it, each oldest first. `again`: what was confirmed already and is wanted once more.
 */
export const LANES = ['urgent', 'live', 'backlog', 'again'] as const;
export type Lane = (typeof LANES)[number];
