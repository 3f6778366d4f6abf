import { crestFactor } from './crest-factor.ts';
import type { FeatureDefinition } from './definition.ts';
import { kurtosis } from './kurtosis.ts';
import { max } from './max.ts';
import { mean } from './mean.ts';
import { min } from './min.ts';
import { peakToPeak } from './peak-to-peak.ts';
import { rms } from './rms.ts';
import { skewness } from './skewness.ts';
import { slope } from './slope.ts';
import { std } from './std.ts';
import { zeroCrossings } from './zero-crossings.ts';

/** Every feature that a manifest may name. A new one is its own file, one line here, and one test. */
export const features: readonly FeatureDefinition[] = [
  mean,
  std,
  rms,
  peakToPeak,
  min,
  max,
  skewness,
  kurtosis,
  crestFactor,
  zeroCrossings,
  slope,
];
