import { FRAME_BYTES, PAGE_BYTES } from '../../../common/store/index.ts';

/** Shares of a cap in bytes over telemetry.db, its log and its shared memory. */
export interface FileLimits {
  /** The log is written back into the file when it has this many pages. */
  readonly walPages: number;
  /** Record bytes that one transaction takes, unless a single record is larger. */
  readonly transactionBytes: number;
  /**
   * Bytes of the rows that are thinned at a time. What that changes fits into the log as it is, on a full disk, too.
   */
  readonly pieceBytes: number;
  /** A larger record is not stored; it counts as dead. */
  readonly recordBytes: number;
  /** Most bytes of the log. */
  readonly logBytes: number;
  /** Most pages of the file itself. */
  readonly maxPages: number;
}

const KIB = 1024;
const SHARED_MEMORY_BYTES = 32 * KIB;
/**
 * Pages that a transaction changes beside those of its new records: ledger, source positions, edges of what it deletes.
 */
const OTHER_PAGES = 64;
/** Records of a little over half a page take a page each. */
const WORST_FILL = 2;

const clamp = (value: number, low: number, high: number) => Math.floor(Math.min(high, Math.max(low, value)));

/** Pages that so many bytes of new records can need. */
export function pagesFor(bytes: number): number {
  return Math.ceil((bytes * WORST_FILL) / PAGE_BYTES) + 1;
}

/** Least cap, also where the disk is smaller: nothing can be done in less. */
const LEAST_CAP = 1024 * KIB;

/** Shares out a cap of so many bytes, or a disk that is smaller. */
export function fileLimitsFor(most: number): FileLimits {
  const cap = Math.max(LEAST_CAP, most);
  const walPages = clamp(cap / 32 / PAGE_BYTES, 32, 256);
  const transactionBytes = clamp(cap / 32, 32 * KIB, 256 * KIB);
  const pieceBytes = clamp((walPages * PAGE_BYTES) / 4, 32 * KIB, 96 * KIB);
  const recordBytes = clamp(cap / 32, 64 * KIB, 256 * KIB);
  const transactionPages = pagesFor(Math.max(transactionBytes, recordBytes)) + OTHER_PAGES;
  const logBytes = (walPages + transactionPages) * FRAME_BYTES;
  const maxPages = Math.floor((cap - logBytes - SHARED_MEMORY_BYTES) / PAGE_BYTES);
  return { walPages, transactionBytes, pieceBytes, recordBytes, logBytes, maxPages };
}
