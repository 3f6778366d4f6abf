import type { DecimalMark } from './plain-number.ts';

/** What one tag says: a measured value, a category, or null where the source had none. */
export type ReadingValue = number | string | boolean | null;

/**
 * Evenly spaced samples of several tags: thousands of observations in one object. Sample i is of event time
 * origin + (first + i) x 1000 / rate, counted from where a recording begins, so that its blocks meet to the last bit.
 */
export interface SampleBlock {
  /** Event time that samples are counted from, ms. */
  readonly origin: number;
  /** Samples between the origin and the first one here. */
  readonly first: number;
  /** Samples a second. */
  readonly rate: number;
  /** Samples of each tag, at least 1. */
  readonly length: number;
  /** By tag; NaN where a sample is none. */
  readonly samples: Readonly<Record<string, Float64Array>>;
}

/** Event time of a sample, ms since the epoch. `index` is 0 for the first sample of the block. */
export function sampleTime({ origin, first, rate }: Omit<SampleBlock, 'length' | 'samples'>, index: number): number {
  return origin + ((first + index) * 1000) / rate;
}

/** One observation of an asset: the values of one or several tags at one event time. */
export interface Reading {
  readonly asset: string;
  /** Event time in milliseconds since the epoch, possibly fractional. */
  readonly t: number;
  readonly values: Readonly<Record<string, ReadingValue>>;
  /** Attributes that the source knows about the asset, for example from the topic. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Samples of further tags up to `t`, the time of the last one; `values` hold for each of them. */
  readonly block?: SampleBlock;
  /** Decimal mark of numbers that are text; a point where it is absent. */
  readonly decimal?: DecimalMark;
  /** The source gives it a second time, or may: that it is late tells nothing of a clock. */
  readonly again?: boolean;
}
