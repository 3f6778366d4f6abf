/** The sensors of a rig. */
export const RIG_TAG_NAMES = ['speed', 'pressure', 'flow', 'temperature', 'vibration'] as const;
/** A sensor of a rig by its name. */
export type RigTag = (typeof RIG_TAG_NAMES)[number];

/** How a sensor of a rig measures. */
export interface RigTagInfo {
  readonly unit: string;
  /** Sampling period, ms; a multiple of the rig's tick. */
  readonly period: number;
  /** What the sensor resolves: values are multiples of it. */
  readonly resolution: number;
  /** Standard deviation of the sensor's own noise. */
  readonly noise: number;
}

/** Event time between two readings of a rig, ms. */
export const RIG_TICK = 50;

/** The sensors by name. */
export const RIG_TAGS: Readonly<Record<RigTag, RigTagInfo>> = {
  speed: { unit: 'rpm', period: 100, resolution: 0.1, noise: 1.5 },
  pressure: { unit: 'bar', period: 100, resolution: 0.001, noise: 0.012 },
  flow: { unit: 'l/min', period: 100, resolution: 0.01, noise: 1.2 },
  temperature: { unit: 'degC', period: 1000, resolution: 0.01, noise: 0.05 },
  vibration: { unit: 'mm/s', period: 50, resolution: 0.001, noise: 0.015 },
};
