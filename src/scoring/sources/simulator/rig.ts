import type { Reading } from '../../../common/core/index.ts';
import { type FaultName, faultLevels, type RigFault } from './faults.ts';
import { type ModeName, Schedule } from './modes.ts';
import {
  type FaultLevels,
  healthy,
  heatLoss,
  type OperatingPoint,
  operatingPoint,
  PUMP,
  vibrationLevel,
} from './physics.ts';
import { createRandom, type Random } from './random.ts';
import { RIG_TAG_NAMES, RIG_TAGS, RIG_TICK, type RigTag } from './tags.ts';

/** Which rig it is, and when its readings begin. */
export interface RigOptions {
  /** Rigs with the same seed and asset name give the same readings. */
  readonly seed: number;
  readonly asset: string;
  /** Event time of the first reading, ms since the epoch. */
  readonly start: number;
  readonly faults?: readonly RigFault[];
}

/** A simulated pump rig: a pure machine in event time, one reading per call. */
export interface Rig {
  readonly asset: string;
  /** Event time of the reading that `next` gives. */
  readonly t: number;
  readonly mode: ModeName;
  /** Gives the reading at `t`, with the tags that are sampled then, and moves on by one tick. */
  next(): Reading;
  /** Switches a fault on from the next reading on, in place of one of its kind (and tag). */
  switchOn(fault: FaultName, options?: { tag?: RigTag; severity?: number; growth?: number; for?: number }): void;
  /** Switches a fault off from the next reading on; of one tag, where it is given. */
  switchOff(fault: FaultName, tag?: RigTag): void;
}

/** The most faults that one rig remembers; the oldest goes where another one is switched on. */
const MAX_FAULTS = 64;

class PumpRig implements Rig {
  readonly asset: string;
  readonly #start: number;
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #levels: FaultLevels = healthy();
  readonly #held = new Map<RigTag, number>();
  /** Manufacturing tolerance: each pump a little different from the next. */
  readonly #trim: { head: number; resistance: number; vibration: number; ambient: number };
  #faults: RigFault[];
  #tick = 0;
  #mode: ModeName;
  #speed: number;
  #resistance: number;
  #temperature: number;
  /** Slow swings of the loop, standard deviation 1, correlated over some seconds. */
  #swing = 0;

  constructor({ seed, asset, start, faults = [] }: RigOptions) {
    this.asset = asset;
    this.#start = start;
    this.#faults = faults.slice(-MAX_FAULTS);
    this.#random = createRandom(`${seed}/${asset}/noise`);
    this.#schedule = new Schedule(createRandom(`${seed}/${asset}/modes`));
    const vary = createRandom(`${seed}/${asset}/trim`);
    this.#trim = {
      head: vary.between(0.985, 1.015),
      resistance: vary.between(0.98, 1.02),
      vibration: vary.between(0.94, 1.06),
      ambient: PUMP.ambient + vary.between(-1, 1),
    };
    const mode = this.#schedule.at(0);
    this.#mode = mode.name;
    this.#speed = mode.speed;
    this.#resistance = mode.resistance * this.#trim.resistance;
    const n = mode.speed / PUMP.nominalSpeed;
    // Warmed up: at the start it has been running for long.
    this.#temperature = this.#settled(n, operatingPoint(n, this.#resistance, 0, 0), 0);
  }

  get t(): number {
    return this.#start + this.#tick * RIG_TICK;
  }

  get mode(): ModeName {
    return this.#mode;
  }

  switchOn(fault: FaultName, options: { tag?: RigTag; severity?: number; growth?: number; for?: number } = {}): void {
    this.switchOff(fault, options.tag);
    this.#faults = [...this.#faults, { ...options, fault, at: this.#tick * RIG_TICK }].slice(-MAX_FAULTS);
  }

  switchOff(fault: FaultName, tag?: RigTag): void {
    this.#faults = this.#faults.filter((known) => known.fault !== fault || (tag !== undefined && known.tag !== tag));
  }

  next(): Reading {
    const elapsed = this.#tick * RIG_TICK;
    const t = this.#start + elapsed;
    faultLevels(this.#faults, elapsed, this.#levels);
    const point = this.#advance(elapsed);
    const values: Record<string, number> = {};
    for (const tag of RIG_TAG_NAMES) {
      if (elapsed % RIG_TAGS[tag].period === 0) values[tag] = this.#sense(tag, point);
    }
    this.#tick += 1;
    return { asset: this.asset, t, values };
  }

  /** Moves drive, valve, loop and heat on to `elapsed`. */
  #advance(elapsed: number): OperatingPoint {
    const mode = this.#schedule.at(elapsed);
    this.#mode = mode.name;
    const most = (PUMP.ramp * RIG_TICK) / 1000;
    const step = ((mode.speed - this.#speed) * RIG_TICK) / PUMP.driveLagMs;
    this.#speed += Math.max(-most, Math.min(most, step));
    this.#resistance += ((mode.resistance * this.#trim.resistance - this.#resistance) * RIG_TICK) / PUMP.driveLagMs;
    this.#swing = 0.99 * this.#swing + Math.sqrt(1 - 0.99 ** 2) * this.#random.normal();
    const n = this.#speed / PUMP.nominalSpeed;
    const { leak, cavitation, wear } = this.#levels;
    // Bubbles take head, the more the faster the pump turns, and in gusts.
    const headLoss = 1 - this.#trim.head * (1 - 0.22 * cavitation * n * n * (1 + 0.25 * this.#random.normal()));
    const point = operatingPoint(n, this.#resistance * (1 + 0.01 * this.#swing), 28 * leak, headLoss);
    this.#temperature += ((this.#settled(n, point, wear) - this.#temperature) * RIG_TICK) / PUMP.thermalLagMs;
    return point;
  }

  #settled(n: number, point: OperatingPoint, wear: number): number {
    return this.#trim.ambient + PUMP.heating * heatLoss(n, point, wear);
  }

  #sense(tag: RigTag, point: OperatingPoint): number {
    const { resolution, noise } = RIG_TAGS[tag];
    const value = this.#truth(tag, point) + noise * this.#random.normal();
    const held = this.#held.get(tag);
    if (held !== undefined && this.#levels.stuck.has(tag)) return held;
    const sensed = Math.round(Math.max(0, value) / resolution) / Math.round(1 / resolution);
    this.#held.set(tag, sensed);
    return sensed;
  }

  #truth(tag: RigTag, point: OperatingPoint): number {
    if (tag === 'speed') return this.#speed;
    if (tag === 'temperature') return this.#temperature;
    if (tag === 'pressure') return point.pressure;
    if (tag === 'flow') return point.flow;
    return this.#vibration(point);
  }

  /** Level with its own flutter; worn bearings knock: rare, strong impacts on top. */
  #vibration(point: OperatingPoint): number {
    const level = this.#trim.vibration * vibrationLevel(this.#speed / PUMP.nominalSpeed, point, this.#levels);
    const { wear, cavitation } = this.#levels;
    const knock = this.#random.uniform() < 0.06 * wear ? 4 * wear * this.#random.between(0.5, 1.5) : 0;
    return level * (1 + (0.05 + 0.2 * cavitation) * this.#random.normal()) + knock;
  }
}

/** Makes a rig that has been running for long and is warm. */
export function createRig(options: RigOptions): Rig {
  return new PumpRig(options);
}
