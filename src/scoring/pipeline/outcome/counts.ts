/** What happened in a pipeline since it was made. */
export interface PipelineCounts {
  /** Readings that reached the windows. */
  readings: number;
  windows: number;
  predictions: number;
  abstained: number;
  alarms: number;
  /** Predictions that were emitted before this start, and not again. */
  suppressed: number;
  /** Windows whose model gave no answer. */
  failed: number;
  /** Readings while the gate was closed. */
  gated: number;
  /** Readings without any tag of the model. */
  unbound: number;
  late: number;
  duplicate: number;
  /** Times that a source's clock was taken to have stepped back. */
  stepped: number;
  /** Readings for which the oldest row or window had to close early: an asset's windows held all they may. */
  full: number;
  /** Readings of assets beyond the limit. */
  tooManyAssets: number;
  /** Assets that gave way to others, since there were as many as there may be. */
  retired: number;
  /** Values of tags that the model does not use, by tag; bounded in names. */
  readonly ignoredTags: Map<string, number>;
  /** Values of tags with categories that the model does not know, as `tag=category`; bounded in names. */
  readonly unknownCategories: Map<string, number>;
}

/** The counts as plain data, as status and `replay` show them. */
export type PlainCounts = Omit<PipelineCounts, 'ignoredTags' | 'unknownCategories'> & {
  readonly ignoredTags: Readonly<Record<string, number>>;
  readonly unknownCategories: Readonly<Record<string, number>>;
};

/** Gives the counts as plain data. */
export function plainCounts({ ignoredTags, unknownCategories, ...counts }: PipelineCounts): PlainCounts {
  return {
    ...counts,
    ignoredTags: Object.fromEntries(ignoredTags),
    unknownCategories: Object.fromEntries(unknownCategories),
  };
}

/** Makes counts of nothing. */
export function createCounts(): PipelineCounts {
  return {
    readings: 0,
    windows: 0,
    predictions: 0,
    abstained: 0,
    alarms: 0,
    suppressed: 0,
    failed: 0,
    gated: 0,
    unbound: 0,
    late: 0,
    duplicate: 0,
    stepped: 0,
    full: 0,
    tooManyAssets: 0,
    retired: 0,
    ignoredTags: new Map(),
    unknownCategories: new Map(),
  };
}
