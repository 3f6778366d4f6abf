// Every feature that a manifest may name. A new one is a file like these, one line here, and one test.
export { crestFactor } from './crest-factor.ts';
export { kurtosis } from './kurtosis.ts';
export { max } from './max.ts';
export { mean } from './mean.ts';
export { min } from './min.ts';
export { peakToPeak } from './peak-to-peak.ts';
export { rms } from './rms.ts';
export { share } from './share.ts';
export { skewness } from './skewness.ts';
export { slope } from './slope.ts';
export { std } from './std.ts';
export { zeroCrossings } from './zero-crossings.ts';
