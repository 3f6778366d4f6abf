import type { Reading } from '../../../common/core/index.ts';
import type { RejectReason } from '../reject.ts';
import type { TimeReader } from '../time.ts';
import type { FileConfig } from './schema.ts';

/** Some rows in order; `first` is the number of rows of the recording before them. */
export interface RowBatch<Row> {
  readonly first: number;
  readonly rows: readonly Row[];
  /** Number of rows that it counts as, where it is one row of many samples. */
  readonly span?: number;
}

/** One recording: a file of rows, or the files of a wide layout side by side. */
export interface Recording<Row = unknown> {
  /**
   * Reads its rows of data from the beginning, without header and blank ones. Throws `sources.bad-layout` before the
   * first batch where the recording is not what was declared, and what reading throws.
   */
  rows(): AsyncGenerator<RowBatch<Row>>;
  /** Gives text, or bytes, by which this row differs from another one in its place. */
  textOf(row: Row): string | Uint8Array;
  /** Appends the readings of a row to `out`, in time order; refuses what is wrong. */
  read(row: Row, index: number, out: Reading[]): void;
}

/** What a recording is made of. */
export interface RecordingOptions {
  readonly config: FileConfig;
  /** Name of the file or folder, for messages and positions. */
  readonly name: string;
  readonly path: string;
  /** Rows of data in the files before this one, where they count on. */
  readonly base: number;
  /** Reads the times of all files of the source. */
  readonly times: TimeReader;
  reject(reason: RejectReason, detail: string): void;
}
