/** What is remembered of an asset that gave way to another: what its windows had, so that none is given twice. */
export interface Gone {
  /** Event time up to which windows were given, ms. */
  readonly closed: number;
  /** Newest event time that came, ms. */
  readonly newest: number;
}
