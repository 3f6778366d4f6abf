declare const __EDGEWRIGHT_BUILD_TIME__: number | undefined;

/** Milliseconds since the epoch at which this was built; a wall clock before it is wrong. */
export const BUILD_TIME: number =
  typeof __EDGEWRIGHT_BUILD_TIME__ === 'number' ? __EDGEWRIGHT_BUILD_TIME__ : Date.UTC(2026, 10, 22);
