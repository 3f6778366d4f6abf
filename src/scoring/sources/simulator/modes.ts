import { PUMP } from './physics.ts';
import type { Random } from './random.ts';

/** A mode of operation by its name. */
export type ModeName = 'idle' | 'part-load' | 'full-load';

/** What a mode sets, and how long it lasts. */
export interface Mode {
  readonly name: ModeName;
  /** Set speed, rpm. */
  readonly speed: number;
  /** Resistance of the pipes with the valve as it stands in this mode, bar per (l/min)^2. */
  readonly resistance: number;
  /** Shortest and longest stay, ms. */
  readonly stay: readonly [number, number];
}

const MODES: Readonly<Record<ModeName, Mode>> = {
  idle: { name: 'idle', speed: 900, resistance: 3e-4, stay: [10e3, 25e3] },
  'part-load': { name: 'part-load', speed: 2100, resistance: 7e-5, stay: [20e3, 60e3] },
  'full-load': { name: 'full-load', speed: PUMP.nominalSpeed, resistance: 3.75e-5, stay: [25e3, 75e3] },
};

/** Modes that may follow, with equal chance: a rig passes part load on its way up and down. */
const NEXT: Readonly<Record<ModeName, readonly ModeName[]>> = {
  idle: ['part-load'],
  'part-load': ['full-load', 'full-load', 'idle'],
  'full-load': ['part-load'],
};

/** A seeded schedule of modes; `elapsed` may only grow. */
export class Schedule {
  readonly #random: Random;
  #mode: Mode = MODES['full-load'];
  #until: number;

  constructor(random: Random) {
    this.#random = random;
    this.#until = random.between(...this.#mode.stay);
  }

  /** Gives the mode `elapsed` ms after the start. */
  at(elapsed: number): Mode {
    while (elapsed >= this.#until) {
      const choices = NEXT[this.#mode.name];
      const name = choices[Math.floor(this.#random.uniform() * choices.length)] ?? 'part-load';
      this.#mode = MODES[name];
      this.#until += this.#random.between(...this.#mode.stay);
    }
    return this.#mode;
  }
}
