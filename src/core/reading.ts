export type ReadingValue = number | string | boolean | null;

/** One observation of an asset: the values of one or several tags at one event time. */
export interface Reading {
  readonly asset: string;
  /** Event time in milliseconds since the epoch, possibly fractional. */
  readonly t: number;
  readonly values: Readonly<Record<string, ReadingValue>>;
  /** Attributes that the way in knows about the asset, for example from the topic. */
  readonly attributes?: Readonly<Record<string, string>>;
}
