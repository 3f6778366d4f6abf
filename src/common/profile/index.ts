export { BinnedSummary, mergeDistributions } from './binned-summary.ts';
export { ExponentialHistogram, mergeHistograms } from './exponential-histogram.ts';
export { medianOf, varianceOf } from './median.ts';
export { distributionSchema, MAX_BINS, type Profile, profileSchema, type Reference } from './schema.ts';
