import type { ByteReader, ByteWriter, LatencyHistogram } from '../core/index.ts';

/** Scale of the buckets: base 2^(1/8), 9% a bucket, so that a p99 that doubled is seen. */
const SCALE = 3;
/**
 * Bounds as powers of 2 ms: what is shorter counts as zero, what is longer in the last bucket. 1 us to 4.7 h in 272
 * buckets.
 */
const LEAST_EXPONENT = -10;
const GREATEST_EXPONENT = 24;
const FIRST = LEAST_EXPONENT * 2 ** SCALE;
const BUCKETS = (GREATEST_EXPONENT - LEAST_EXPONENT) * 2 ** SCALE;

const bits = new DataView(new ArrayBuffer(8));

/**
 * Finds the bucket of a positive, normal number in an exponential histogram of OpenTelemetry, scale >= 0: bucket i is
 * (base^i, base^(i+1)] with base = 2^(2^-scale), so i = ceil(log2(x) * 2^scale) - 1 (OTel data model, "Exponential
 * buckets"). The logarithm is taken of the significand alone: of the whole number its rounding would decide about the
 * bucket beside a power of two.
 */
export function bucketIndex(x: number, scale: number = SCALE): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  return exponent * 2 ** scale + Math.ceil(Math.log2(bits.getFloat64(0)) * 2 ** scale) - 1;
}

/** Latencies in milliseconds as an exponential histogram of fixed memory. */
export class ExponentialHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #zero = 0;
  #lowest = BUCKETS;
  #highest = -1;

  /** Counts a latency, ms; one that is negative or NaN is a clock's fault and counts as zero. */
  add(ms: number): void {
    const bucket = ms > 2 ** LEAST_EXPONENT ? Math.min(bucketIndex(Math.min(ms, 2 ** 40)) - FIRST, BUCKETS - 1) : -1;
    if (bucket < 0) {
      this.#zero += 1;
      return;
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    if (bucket < this.#lowest) this.#lowest = bucket;
    if (bucket > this.#highest) this.#highest = bucket;
  }

  /** Gives the buckets as a `summary` record has them: only the span that has counts. */
  toRecord(): LatencyHistogram {
    if (this.#highest < 0) return { scale: SCALE, offset: 0, counts: [], zero: this.#zero };
    const counts = Array.from(this.#counts.subarray(this.#lowest, this.#highest + 1));
    return { scale: SCALE, offset: FIRST + this.#lowest, counts, zero: this.#zero };
  }

  /** Writes the counts of that span. */
  save(out: ByteWriter): void {
    const some = this.#highest >= 0;
    out.u32(this.#zero);
    out.u32(some ? this.#lowest : 0);
    out.u32(some ? this.#highest + 1 : 0);
    if (some) out.column(this.#counts, this.#lowest, this.#highest + 1);
  }

  /**
   * Resumes where another one was saved; to be called on a new one. Throws RangeError where the bytes are no such
   * state.
   */
  restore(from: ByteReader): void {
    this.#zero = from.u32();
    const lowest = from.u32();
    const end = from.u32();
    if (end === 0) return;
    if (lowest >= end) throw new RangeError(`buckets from ${lowest} to ${end}`);
    from.column(this.#counts, lowest, end);
    this.#lowest = lowest;
    this.#highest = end - 1;
  }

  /** Forgets what was counted. */
  reset(): void {
    this.#counts.fill(0);
    this.#zero = 0;
    this.#lowest = BUCKETS;
    this.#highest = -1;
  }
}

/** The most buckets that a merged histogram spans: it gives up resolution instead, so that no input makes it large. */
const MAX_SPAN = 320;

/**
 * Merges two histograms, exactly in any order and grouping: counts add, and the finer of two scales is brought to the
 * coarser.
 */
export function mergeHistograms(a: LatencyHistogram, b: LatencyHistogram): LatencyHistogram {
  let scale = Math.min(a.scale, b.scale);
  let parts = [downscale(a, scale), downscale(b, scale)].filter(({ counts }) => counts.length > 0);
  while (span(parts) > MAX_SPAN) {
    scale -= 1;
    parts = parts.map((part) => downscale(part, scale));
  }
  const zero = a.zero + b.zero;
  if (parts.length === 0) return { scale, offset: 0, counts: [], zero };
  const offset = Math.min(...parts.map((part) => part.offset));
  const counts = new Array<number>(span(parts)).fill(0);
  for (const part of parts) {
    part.counts.forEach((count, index) => {
      const bucket = part.offset - offset + index;
      counts[bucket] = (counts[bucket] ?? 0) + count;
    });
  }
  return { scale, offset, counts, zero };
}

function span(parts: readonly LatencyHistogram[]): number {
  if (parts.length === 0) return 0;
  const ends = parts.map((part) => part.offset + part.counts.length);
  return Math.max(...ends) - Math.min(...parts.map((part) => part.offset));
}

/** Brings a histogram to a coarser scale: each step joins buckets 2i and 2i + 1. */
function downscale(histogram: LatencyHistogram, scale: number): LatencyHistogram {
  const shift = 2 ** (histogram.scale - scale);
  if (shift === 1 || histogram.counts.length === 0) return { ...histogram, scale };
  const bucket = (index: number) => Math.floor((histogram.offset + index) / shift);
  const offset = bucket(0);
  const counts = new Array<number>(bucket(histogram.counts.length - 1) - offset + 1).fill(0);
  histogram.counts.forEach((count, index) => {
    const at = bucket(index) - offset;
    counts[at] = (counts[at] ?? 0) + count;
  });
  return { scale, offset, counts, zero: histogram.zero };
}
