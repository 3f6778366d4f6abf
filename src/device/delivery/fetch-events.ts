import type { BlobData, BlobGet, BlockList } from '../../common/protocol/index.ts';

/** A blob that is fetched: a file of a bundle, or the list of its block digests, which is one block. */
export interface WantedBlob {
  readonly sha256: string;
  readonly length: number;
  readonly block: number;
  readonly list: BlockList;
  /** The indices of the blocks that are there. */
  readonly have: readonly number[];
}

/** Why a piece had no effect. */
export type Refused = 'another-blob' | 'not-awaited' | 'wrong-length' | 'duplicate' | 'tampered' | 'malformed';

/** Whether a request may be sent now, and if so how large: `little` is one piece, where telemetry never pauses. */
export type Leave = 'all' | 'little' | 'none';

/** What happens to a fetch. */
export type FetchEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'closed' }
  | { readonly type: 'data'; readonly data: BlobData }
  /** A message came that is no piece. */
  | { readonly type: 'malformed' }
  /** The request could not be sent. */
  | { readonly type: 'unsent'; readonly token: string }
  /** The block is written. */
  | { readonly type: 'written'; readonly bytes: number }
  | { readonly type: 'tick' };

/** What a fetch wants done. */
export type FetchAction =
  | { readonly type: 'ask'; readonly request: BlobGet }
  | { readonly type: 'write'; readonly at: number; readonly bytes: Uint8Array }
  /** Every block is written. */
  | { readonly type: 'complete' }
  | { readonly type: 'failed'; readonly code: 'blob.tampered' | 'blob.unserved'; readonly reason: string };
