import type { Lane } from '../../common/core/index.ts';
import type { BackoffLimits } from '../../common/link/index.ts';
import type { ReceiptOptions } from './awaited-receipts.ts';
import type { BatchLimits } from './batch-sizer.ts';

/** The bounds within which a drain sends. */
export interface DrainOptions {
  readonly batch: BatchLimits;
  /** The length, in bytes, of the topic that batches go to. */
  readonly topicBytes: number;
  /** Most batches in flight. */
  readonly window: number;
  /** Most bytes in flight. */
  readonly windowBytes: number;
  /** Most bytes a second that what is neither urgent nor live may take. */
  readonly rate: number;
  /** The least time, in ms, between two claims of live records, unless a full batch waits. */
  readonly linger: number;
  /** The waits after a refusal that may pass. */
  readonly backoff: BackoffLimits;
  /** A number that is uniform in [0, 1). */
  readonly random: () => number;
  /** The bounds for receipts, where the consumer's own word is what counts. */
  readonly receipts?: ReceiptOptions;
}

/** A batch that is published and not acknowledged yet. */
export interface InFlight {
  readonly id: number;
  readonly lane: Lane;
  readonly records: number;
  readonly bytes: number;
}

/** What happens to a drain. */
export type DrainEvent =
  | { readonly type: 'connected'; readonly receiveMaximum: number; readonly maximumPacketSize: number | undefined }
  | { readonly type: 'closed'; readonly tooLarge: boolean }
  /** `urgent`: how many of the records are; any of them may be where it is not known. */
  | { readonly type: 'committed'; readonly records: number; readonly urgent?: number }
  | { readonly type: 'claimed'; readonly lane: Lane; readonly batch: Omit<InFlight, 'lane'> | undefined }
  | { readonly type: 'claim-failed'; readonly lane: Lane }
  | { readonly type: 'acked'; readonly id: number; readonly reasonCode: number }
  /** Receipts settled so many records, and with them these batches as a whole. */
  | { readonly type: 'received'; readonly ids: readonly number[]; readonly records: number }
  /** The publish ended without an acknowledgement. */
  | { readonly type: 'unsent'; readonly id: number }
  /** There may be something in a lane that had nothing: brought over from a damaged file, or wanted once more. */
  | { readonly type: 'offered' }
  /** Something else may be sent than before, for example within a budget. */
  | { readonly type: 'allowed'; readonly urgent: boolean; readonly others: boolean }
  | { readonly type: 'tick' }
  /** What waits is to be sent without lingering; the drain is then `idle`. */
  | { readonly type: 'flush' };

/** What a drain wants done. */
export type DrainAction =
  | { readonly type: 'claim'; readonly lane: Lane; readonly limits: BatchLimits }
  | { readonly type: 'publish'; readonly id: number }
  | { readonly type: 'confirm'; readonly id: number }
  /** The broker has it; what counts is the receipt. */
  | { readonly type: 'await'; readonly id: number }
  | { readonly type: 'release'; readonly id: number }
  | { readonly type: 'reject'; readonly id: number; readonly reasonCode: number };
