import type { Overrides } from '../../support/gateway.ts';

/** Trial runs make the first answers quick, which no test here measures. */
export const HASTE: Overrides = { 'inference.warmup': '0ms' };
