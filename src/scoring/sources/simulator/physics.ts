import type { RigTag } from './tags.ts';

/**
 * A centrifugal pump in a closed loop without static head. Pressure in bar, flow in l/min, speed in rpm, power in kW.
 */
export const PUMP = {
  nominalSpeed: 2950,
  /** Pressure at nominal speed with the valve shut. */
  shutoff: 8,
  /** Inner resistance, bar per (l/min)^2: the pump curve is shutoff n^2 - inner Q^2. */
  inner: 1.25e-5,
  efficiency: 0.72,
  /** Friction of bearings and seal at nominal speed. */
  friction: 0.35,
  ambient: 22,
  /** Kelvin per kW lost in the casing. */
  heating: 14,
  /** First-order thermal lag. */
  thermalLagMs: 90e3,
  /** Drive: how fast the speed can change, and its lag. */
  ramp: 400,
  driveLagMs: 1500,
  /** Best flow per rpm: farther from it the flow recirculates and shakes the pump. */
  bestFlow: 400 / 2950,
} as const;

/** How badly a rig is broken at one moment. */
export interface FaultLevels {
  /** Severities of the faults that grow, each 0 (healthy) to 1. */
  wear: number;
  cavitation: number;
  leak: number;
  readonly stuck: Set<RigTag>;
}

/** Makes the levels of a rig without a fault. */
export function healthy(): FaultLevels {
  return { wear: 0, cavitation: 0, leak: 0, stuck: new Set() };
}

/** Pressure and flows of a pump at one moment: bar, l/min. */
export interface OperatingPoint {
  readonly pressure: number;
  /** Flow at the meter, behind any leak. */
  readonly flow: number;
  /** Flow through the pump. */
  readonly throughput: number;
}

/**
 * Finds where pump curve and pipes meet. `n` is speed over nominal, `resistance` that of the pipes in bar per
 * (l/min)^2, `leak` the conductance of a hole before the meter in l/min per sqrt(bar). With p = R Q^2 in every branch
 * the pressure goes with n^2 and the flow with n at any valve position: the affinity laws.
 */
export function operatingPoint(n: number, resistance: number, leak: number, headLoss: number): OperatingPoint {
  const pipes = 1 / Math.sqrt(resistance);
  const conductance = pipes + leak;
  const pressure = (PUMP.shutoff * (1 - headLoss) * n * n) / (1 + PUMP.inner * conductance * conductance);
  const root = Math.sqrt(pressure);
  return { pressure, flow: pipes * root, throughput: conductance * root };
}

/** Hydraulic losses and friction that end as heat; kW. 600 converts bar l/min to kW. */
export function heatLoss(n: number, point: OperatingPoint, wear: number): number {
  const hydraulic = (point.pressure * point.throughput) / 600;
  return hydraulic * (1 / PUMP.efficiency - 1) + PUMP.friction * n * n * (1 + 4 * wear);
}

/** Velocity level (mm/s RMS) from unbalance, off-design flow, worn bearings and bubbles. */
export function vibrationLevel(n: number, point: OperatingPoint, levels: FaultLevels): number {
  const best = PUMP.bestFlow * PUMP.nominalSpeed * Math.max(n, 0.05);
  const offDesign = 1 - Math.min(1, point.throughput / best);
  const healthy = 0.25 + 1.1 * n * n + 0.7 * n * offDesign * offDesign;
  return healthy + 3.2 * levels.wear * n + 1.8 * levels.cavitation * n * n;
}
