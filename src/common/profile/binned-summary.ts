import type { ByteReader, ByteWriter, Distribution } from '../core/index.ts';
import { binsDiffer } from './errors.ts';

/**
 * The greatest magnitude that counts: no sensor has one beyond it, whose square would drown the moments of a whole
 * period.
 */
const MAX_MAGNITUDE = 1e150;

/**
 * Counts a series against the edges of its reference, with moments by Welford (1962). Bin i is [edge i, edge i+1), the
 * last one closed (numpy.histogram). An update costs the same whatever comes: nothing is kept but the counts.
 */
export class BinnedSummary {
  readonly #edges: Float64Array;
  readonly #counts: Uint32Array;
  #underflow = 0;
  #overflow = 0;
  #missing = 0;
  #n = 0;
  #mean = 0;
  #m2 = 0;
  #min = Infinity;
  #max = -Infinity;

  /** @param edges B + 1 ascending numbers; without any, all counts as overflow and only the moments say something */
  constructor(edges: readonly number[] | Float64Array) {
    this.#edges = Float64Array.from(edges);
    this.#counts = new Uint32Array(Math.max(0, edges.length - 1));
  }

  /**
   * Counts a number. NaN, infinities and what is beyond 1e150 count as missing: they have no place in moments that are
   * merged.
   */
  add(x: number): void {
    if (!(Math.abs(x) <= MAX_MAGNITUDE)) {
      this.#missing += 1;
      return;
    }
    this.#count(x);
    this.#n += 1;
    const delta = x - this.#mean;
    this.#mean += delta / this.#n;
    this.#m2 += delta * (x - this.#mean);
    if (x < this.#min) this.#min = x;
    if (x > this.#max) this.#max = x;
  }

  /** Gives the counts as a `summary` record has them. */
  toRecord(): Distribution {
    return {
      counts: Array.from(this.#counts),
      underflow: this.#underflow,
      overflow: this.#overflow,
      missing: this.#missing,
      n: this.#n,
      mean: this.#mean,
      m2: this.#m2,
      min: this.#n === 0 ? null : this.#min,
      max: this.#n === 0 ? null : this.#max,
    };
  }

  /** Writes the counts, but not the edges. */
  save(out: ByteWriter): void {
    out.u32(this.#counts.length);
    out.column(this.#counts);
    out.u32(this.#underflow);
    out.u32(this.#overflow);
    out.u32(this.#missing);
    out.u32(this.#n);
    out.f64(this.#mean);
    out.f64(this.#m2);
    out.f64(this.#min);
    out.f64(this.#max);
  }

  /** Resumes where one with the same edges was saved. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    const bins = from.u32();
    if (bins !== this.#counts.length) throw new RangeError(`${bins} bins, not ${this.#counts.length}`);
    from.column(this.#counts);
    this.#underflow = from.u32();
    this.#overflow = from.u32();
    this.#missing = from.u32();
    this.#n = from.u32();
    this.#mean = from.f64();
    this.#m2 = from.f64();
    this.#min = from.f64();
    this.#max = from.f64();
  }

  /** Forgets what was counted; the memory stays allocated. */
  reset(): void {
    this.#counts.fill(0);
    this.#underflow = 0;
    this.#overflow = 0;
    this.#missing = 0;
    this.#n = 0;
    this.#mean = 0;
    this.#m2 = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  #count(x: number): void {
    const edges = this.#edges;
    const bins = this.#counts.length;
    if (bins === 0 || x > (edges[bins] ?? Infinity)) {
      this.#overflow += 1;
      return;
    }
    if (x < (edges[0] ?? -Infinity)) {
      this.#underflow += 1;
      return;
    }
    // The last edge that is not greater than x; the right end itself belongs to the last bin.
    let low = 0;
    let high = bins - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((edges[middle] ?? Infinity) <= x) low = middle;
      else high = middle - 1;
    }
    this.#counts[low] = (this.#counts[low] ?? 0) + 1;
  }
}

/**
 * Merges two distributions over the same edges: counts add, moments by Chan, Golub and LeVeque (1979). In any order and
 * grouping counts, minimum and maximum are the same, mean and m2 within rounding. Throws `profile.bins-differ`.
 */
export function mergeDistributions(a: Distribution, b: Distribution): Distribution {
  if (a.counts.length !== b.counts.length) {
    throw binsDiffer('distribution', `${a.counts.length} bins cannot be merged with ${b.counts.length}`);
  }
  const n = a.n + b.n;
  const delta = b.mean - a.mean;
  return {
    counts: a.counts.map((count, bin) => count + (b.counts[bin] ?? 0)),
    underflow: a.underflow + b.underflow,
    overflow: a.overflow + b.overflow,
    missing: a.missing + b.missing,
    n,
    mean: n === 0 ? 0 : a.mean + (delta * b.n) / n,
    m2: n === 0 ? 0 : a.m2 + b.m2 + delta * delta * ((a.n * b.n) / n),
    min: either(a.min, b.min, Math.min),
    max: either(a.max, b.max, Math.max),
  };
}

function either(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  if (a === null || b === null) return a ?? b;
  return choose(a, b);
}
