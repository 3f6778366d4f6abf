/** Records sealed for one publish: the store made the bytes, the uplink only carries them. */
export interface ClaimedBatch {
  readonly id: number;
  readonly lane: Lane;
  readonly records: number;
  /** The batch as in the contract, gzip or plain JSON. */
  readonly payload: Uint8Array;
  readonly contentType: 'application/json' | 'application/gzip';
}

/** `urgent`: alarms, losses and events, newest first. `backlog`: everything else, oldest first. */
export type Lane = 'urgent' | 'backlog';
