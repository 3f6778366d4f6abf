import type { FeatureDefinition } from './definition.ts';
import { maxOf } from './max.ts';
import { minOf } from './min.ts';
import { rmsOf } from './rms.ts';

/** max|x| / rms, without unit: 1 for a constant, sqrt(2) for a sine, 0 where the signal is 0. */
export const crestFactor: FeatureDefinition = {
  name: 'crest_factor',
  description: 'Greatest magnitude over root mean square.',
  unit: () => '1',
  create: () => (signal) => {
    const rms = rmsOf(signal);
    return rms === 0 ? 0 : Math.max(maxOf(signal), -minOf(signal)) / rms;
  },
};
