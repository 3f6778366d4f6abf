import type { EngineName } from '../../src/scoring/inference/index.ts';
import type { Mosquitto } from '../support/mosquitto.ts';

/** What every part of the benchmark has. */
export interface Bench {
  /** The program of the unpacked artifact. */
  readonly program: string;
  readonly broker: Mosquitto;
  /** Emptied at the end. */
  readonly folder: string;
  /** Records that wait where a backlog is measured. */
  readonly waiting: number;
  /** The engine of the gateway whose throughput is measured. */
  readonly engine: EngineName;
  /** Processes of which the median is taken. */
  readonly runs: number;
  /** Length of the soak. */
  readonly minutes: number;
}

export type Part = (bench: Bench) => Promise<void>;
