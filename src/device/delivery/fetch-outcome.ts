import type { Refused } from './fetch-events.ts';

/** How far a fetch is. */
export interface FetchProgress {
  /** The file that is on its way. */
  readonly path: string;
  /** Bytes of what was missing that are verified. */
  readonly bytes: number;
  /** Bytes that were missing when the fetch began. */
  readonly total: number;
  /** Whether the way stands. */
  readonly connected: boolean;
  /** How many pieces had no effect, by reason. */
  readonly refused: Readonly<Partial<Record<Refused, number>>>;
}

/** What a fetch is asked for beside the files. */
export interface FetchOptions {
  /** Ends the fetch; what is there stays. */
  readonly signal?: AbortSignal;
  /** Counts what comes against `uplink.budget` too, and asks for nothing while that leaves no bytes. */
  readonly withinBudget?: boolean;
  /** Called after each message and each change of the way, a flood of either included; must be quick, and not throw. */
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** The refusals that a fetch ends with, as the order's report names them. */
export type FetchRefusal = 'order.malformed' | 'blob.tampered' | 'blob.unserved' | 'disk.short';

/** How a fetch ended. */
export type FetchOutcome =
  /** All files are in the store; `bytes` of them were missing. */
  | { readonly state: 'complete'; readonly bytes: number }
  | { readonly state: 'failed'; readonly code: FetchRefusal; readonly reason: string }
  | { readonly state: 'cancelled' };
