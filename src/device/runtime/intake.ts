import type { Clock, Reading } from '../../common/core/index.ts';
import { Counters } from '../../common/observability/index.ts';
import type { RejectReason, SourceSink } from '../../scoring/sources/index.ts';
import type { Driver } from './driver.ts';

export interface IntakeOptions {
  readonly source: string;
  readonly driver: Driver;
  readonly clock: Clock;
  /** How far beyond now a reading's time may be, ms. */
  readonly tolerance: number;
  /** Numbers a reading; the number comes back with every record of the windows that it closes. */
  readonly begin: (position: string | undefined) => number;
  /** The reading numbered last closed so many windows. */
  readonly pushed?: (windows: number) => void;
  readonly credit: () => Promise<void> | undefined;
  readonly onReject: (reason: string, detail: string) => void;
  readonly onEnd: () => void;
}

/** The sink of one source: counts readings, refuses times that cannot be, hands the rest on to the driver. */
export class Intake implements SourceSink {
  readonly rejected = new Counters();
  readings = 0;
  ended = false;
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  push(reading: Reading, position?: string): void {
    const { driver, clock, tolerance, source, begin, pushed } = this.#options;
    const readingNumber = begin(position);
    let windows = 0;
    const failures: unknown[] = [];
    if (reading.t > clock.now() + tolerance && clock.trusted()) {
      this.reject('future-time', `${reading.asset}: ${new Date(reading.t).toISOString()} is in the future`);
    } else {
      this.readings += 1;
      windows = driver.push(source, reading, readingNumber, (error) => failures.push(error));
    }
    pushed?.(windows);
    if (failures.length > 0) throw failures[0];
  }

  reject(reason: RejectReason | 'future-time', detail: string): void {
    this.rejected.add(reason);
    this.#options.onReject(reason, detail);
  }

  credit(): Promise<void> | undefined {
    return this.#options.credit();
  }

  end(): void {
    this.ended = true;
    this.#options.onEnd();
  }
}
