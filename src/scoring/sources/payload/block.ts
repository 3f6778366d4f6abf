import {
  type DecimalMark,
  plainNumber,
  type Reading,
  type ReadingValue,
  type SampleBlock,
  sampleTime,
} from '../../../common/core/index.ts';
import type { RejectReason } from '../reject.ts';
import { isTime } from '../time.ts';
import { BROKEN } from './broken.ts';
import { put } from './values.ts';

const MAX_RATE = 1e6;

/** What a block is called, and how fast its samples come. */
export interface Named {
  readonly asset: string;
  /** Time of the first sample, ms. */
  readonly t: number;
  readonly rate: unknown;
}

/**
 * Makes a reading whose arrays are samples from `t` on, `rate` a second; its other values hold for each of them.
 * Undefined where it is refused: for a rate or a time that cannot be, for arrays that are empty or of several lengths.
 */
export function toBlock(
  { asset, t, rate }: Named,
  given: Readonly<Record<string, unknown>>,
  decimal: DecimalMark,
  reject: (reason: RejectReason, detail: string) => void,
): Reading | undefined {
  if (typeof rate !== 'number' || !(rate > 0) || rate > MAX_RATE) {
    reject('unknown-shape', '"rate" is no number of samples a second');
    return undefined;
  }
  const samples: Record<string, Float64Array> = {};
  const values: Record<string, ReadingValue> = {};
  const lengths = new Set<number>();
  for (const [tag, value] of Object.entries(given)) {
    if (Array.isArray(value)) {
      put(samples, tag, toSamples(value, tag, decimal, reject));
      lengths.add(value.length);
    } else put(values, tag, value as ReadingValue);
  }
  const [length = 0, ...others] = lengths;
  if (length === 0 || others.length > 0) {
    reject('unknown-shape', `arrays of ${[...lengths].join(' and ')} samples in one block`);
    return undefined;
  }
  const block: SampleBlock = { origin: t, first: 0, rate, length, samples };
  const last = sampleTime(block, length - 1);
  if (!isTime(last)) {
    reject('bad-time', `${length} samples at ${rate} a second end at no time`);
    return undefined;
  }
  return { asset, t: last, values, block };
}

/**
 * Reads samples, NaN for what is no finite number: null says so itself, what is broken was told, the rest is counted once
 * a tag.
 */
function toSamples(
  raw: readonly unknown[],
  tag: string,
  decimal: DecimalMark,
  reject: (reason: RejectReason, detail: string) => void,
) {
  const samples = new Float64Array(raw.length);
  let wrong = 0;
  let infinite = 0;
  for (const [i, value] of raw.entries()) {
    const sample = typeof value === 'string' ? plainNumber(value, decimal) : value;
    const isNumber = typeof sample === 'number' && !Number.isNaN(sample);
    samples[i] = isNumber && Number.isFinite(sample) ? sample : Number.NaN;
    if (typeof value === 'number' && !Number.isFinite(value)) infinite += 1;
    else if (!isNumber && value !== null && value !== BROKEN) wrong += 1;
  }
  if (wrong > 0) reject('wrong-type', `${tag}: ${wrong} samples`);
  if (infinite > 0) reject('non-finite', `${tag}: ${infinite} samples`);
  return samples;
}
