import type { AlarmRecord } from '../../common/core/index.ts';
import type { FaultName } from '../../scoring/sources/index.ts';

interface Fault {
  readonly fault: FaultName;
  readonly asset: string;
  /** Machine time, ms. */
  readonly from: number;
  to: number;
  answered: boolean;
}

/**
 * ms of machine time after a fault in which an alarm still belongs to it: a casing that ran hot takes so long to cool.
 */
const AFTERMATH_MS = 120_000;

/** Remembers what was broken when, and says which alarms that explains. Pure, in machine time. */
export class FaultLog {
  alarms = 0;
  falseAlarms = 0;
  /** ms from the first fault to its alarm. */
  firstDelay: number | undefined;
  readonly #faults: Fault[] = [];

  get faults(): number {
    return this.#faults.length;
  }

  faultOn(asset: string, fault: FaultName, t: number): void {
    this.#faults.push({ asset, fault, from: t, to: Number.POSITIVE_INFINITY, answered: false });
  }

  faultOff(asset: string, t: number): void {
    const fault = this.#faults.findLast((known) => known.asset === asset);
    if (fault) fault.to = t;
  }

  /**
   * Counts an alarm. Returns the ms from a fault to the first alarm that it explains; undefined for any other alarm.
   */
  alarm({ asset, state, t }: AlarmRecord): number | undefined {
    if (state !== 'raised') return undefined;
    this.alarms += 1;
    const index = this.#faults.findLastIndex((fault) => fault.asset === asset && fault.from < t);
    const fault = this.#faults[index];
    if (fault === undefined || t > fault.to + AFTERMATH_MS) {
      this.falseAlarms += 1;
      return undefined;
    }
    if (fault.answered) return undefined;
    fault.answered = true;
    const delay = t - fault.from;
    if (index === 0) this.firstDelay = delay;
    return delay;
  }
}
