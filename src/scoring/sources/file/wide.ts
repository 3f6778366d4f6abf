import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reading, ReadingValue } from '../../../common/core/index.ts';
import { badLayout, tagFileMissing } from '../errors.ts';
import { show, toAsset } from '../payload/decoder.ts';
import { put } from '../payload/values.ts';
import { createCellReader, createSplitter, type Splitter } from './cells/cells.ts';
import { looksLikeNumber, markOf } from './cells/numbers.ts';
import { stemOf } from './listing.ts';
import type { Recording, RecordingOptions, RowBatch } from './recording.ts';
import { type Line, LineCursor, readLines } from './text/lines.ts';

/** One row of every tag, in the order of the tags. */
type Cycle = readonly Line[];

/** The most samples of a tag in a cycle. */
const MAX_SAMPLES = 1_000_000;

/** The most plans of cycles that are kept. */
const MAX_PLANS = 16;

/** One instant of a cycle and the samples taken then. */
interface Instant {
  /** ms after the beginning of the cycle. */
  readonly offset: number;
  /** Indexes of the tags that are sampled, ascending, and of their samples. */
  readonly tags: readonly number[];
  readonly samples: readonly number[];
}

/** A folder with a file for every tag; a row is one cycle, its columns the samples in it. */
export class WideRecording implements Recording<Cycle> {
  readonly #options: RecordingOptions;
  readonly #tags: readonly string[];
  readonly #splitter: Splitter;
  readonly #value: (cell: string) => ReadingValue;
  readonly #period: number;
  readonly #asset: string;
  /** Samples of each tag in a cycle. */
  #counts: readonly number[] = [];
  readonly #plans = new Map<string, readonly Instant[]>();

  constructor(options: RecordingOptions) {
    const { config, name } = options;
    this.#options = options;
    this.#tags = (config.tags ?? []).map((tag) => (typeof tag === 'string' ? tag : tag.tag));
    this.#splitter = createSplitter(config.separator ?? 'whitespace');
    this.#value = createCellReader(config);
    this.#period = config.time.period ?? 0;
    this.#asset = (config.asset ?? '{file}').replaceAll('{file}', stemOf(name));
  }

  async *rows(): AsyncGenerator<RowBatch<Cycle>> {
    if (toAsset(this.#asset, this.#options) === undefined) throw badLayout(this.#options.name, 'no name of the asset');
    const paths = await Promise.all(this.#tags.map((tag) => this.#find(tag)));
    const cursors = paths.map((path) => new LineCursor(readLines(path, this.#options.config)));
    try {
      for (let first = 0; ; first++) {
        const lines = await Promise.all(cursors.map((cursor) => cursor.next()));
        const ended = this.#tags.filter((_, k) => lines[k] === undefined);
        if (ended.length > 0) {
          if (ended.length < lines.length) this.#uneven(ended, first);
          return;
        }
        const cycle = lines.map((found) => found?.line);
        if (first === 0) this.#counts = cycle.map((line, k) => this.#samplesOf(k, line));
        yield { first, rows: [cycle] };
      }
    } finally {
      await Promise.allSettled(cursors.map((cursor) => cursor.close()));
    }
  }

  textOf(cycle: Cycle): string {
    return cycle.join('\n');
  }

  read(cycle: Cycle, index: number, out: Reading[]): void {
    const columns = cycle.map((line, k) => this.#samples(k, line, index));
    const counts = columns.map((samples) => samples?.length ?? 0);
    const start = this.#options.config.time.origin + index * this.#period;
    for (const instant of this.#plan(counts)) {
      const values: Record<string, ReadingValue> = {};
      for (let i = 0; i < instant.tags.length; i++) {
        const k = instant.tags[i] ?? 0;
        put(values, this.#tags[k] ?? '', columns[k]?.[instant.samples[i] ?? 0] ?? null);
      }
      out.push({ asset: this.#asset, t: start + instant.offset, values, ...markOf(this.#options.config) });
    }
  }

  async #find(tag: string): Promise<string> {
    for (const name of [`${tag}.txt`, `${tag}.txt.gz`]) {
      const path = join(this.#options.path, name);
      const there = await access(path).then(
        () => true,
        () => false,
      );
      if (there) return path;
    }
    throw tagFileMissing(join(this.#options.path, `${tag}.txt`), `no file of the tag ${tag}`, { path: 'tags' });
  }

  /** Gives the samples in a cycle by the declared rate, else by the first row. */
  #samplesOf(k: number, firstRow: Line): number {
    const declared = this.#options.config.tags?.[k];
    const count =
      typeof declared === 'object'
        ? (declared.rate * this.#period) / 1000
        : firstRow === undefined
          ? 0
          : (this.#splitter.split(firstRow)?.length ?? 0);
    if (Number.isInteger(count) && count >= 1 && count <= MAX_SAMPLES) return count;
    throw badLayout(`${this.#options.name}/${this.#tags[k]}`, `${count} samples in a row`, { path: 'tags' });
  }

  /** Reads the samples of a tag in a cycle; undefined where the row is refused. */
  #samples(k: number, line: Line, index: number): ReadingValue[] | undefined {
    const { config, name, reject } = this.#options;
    const where = () => `${name}/${this.#tags[k]} row ${index + 1}`;
    if (line === undefined) {
      reject('line-too-long', where());
      return undefined;
    }
    const cells = this.#splitter.split(line);
    if (cells?.length !== this.#counts[k]) {
      reject('malformed-row', `${where()}: ${cells?.length ?? 0} columns, not ${this.#counts[k]}`);
      return undefined;
    }
    return cells?.map((cell) => {
      const value = this.#value(cell);
      if (typeof value === 'string' && looksLikeNumber(value)) {
        reject('malformed-number', `${where()}: ${show(value)} is no number with decimal ${config.decimal}`);
      }
      if (!Number.isNaN(value)) return value;
      reject('non-finite', where());
      return null;
    });
  }

  /** Gives the plan of a cycle. Plans differ only where rows were refused: few are kept. */
  #plan(counts: readonly number[]): readonly Instant[] {
    const key = counts.join(',');
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const plan = planCycle(counts, this.#period);
    if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
    this.#plans.set(key, plan);
    return plan;
  }

  #uneven(ended: readonly string[], rows: number): void {
    const detail = `${this.#options.name}: ${ended.join(', ')} ended after ${rows} rows, the others go on`;
    this.#options.reject('uneven-files', detail);
  }
}

/**
 * Merges the samples of a cycle in time order. Tag k has `counts[k]` samples, evenly spaced from the beginning of the
 * cycle of `period` ms. Equal fractions of the period give equal doubles, so samples of one instant meet exactly.
 */
function planCycle(counts: readonly number[], period: number): Instant[] {
  const instants = new Map<number, { offset: number; tags: number[]; samples: number[] }>();
  counts.forEach((count, tag) => {
    for (let sample = 0; sample < count; sample++) {
      const offset = (sample * period) / count;
      const instant = instants.get(offset) ?? { offset, tags: [], samples: [] };
      instant.tags.push(tag);
      instant.samples.push(sample);
      instants.set(offset, instant);
    }
  });
  return [...instants.values()].sort((a, b) => a.offset - b.offset);
}
