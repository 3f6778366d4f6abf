/** Entries that a chain makes for itself. */
export const GENESIS = 'genesis';
/** Older entries were deleted: carries the first that stayed and the hash before it. */
export const PRUNED = 'pruned';
/** What the chain should have had and has not. */
export const CHAIN_LOST = 'chain-lost';
