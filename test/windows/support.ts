import { StatusCode, type StatusName, statusName, type Window } from '../../src/common/core/index.ts';
import {
  ABSENT,
  createAssetWindows,
  type PushOutcome,
  type ReadingOrigin,
  type WindowCounters,
  type WindowOptions,
} from '../../src/scoring/windows/index.ts';

/** A value, or a value and its status, or a bad status alone. */
export type Sample = number | readonly [number, StatusName] | StatusName;

/** A closed window as a plain value: per tag the usable samples as [t, value]. */
export interface PlainWindow {
  readonly from: number;
  readonly to: number;
  readonly code: StatusName;
  readonly reasons: readonly string[];
  readonly samples: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

type Optional = 'lateness' | 'idle' | 'maxMissing' | 'maxReadings';
export type RigOptions = Omit<WindowOptions, Optional> & Partial<Pick<WindowOptions, Optional>>;

/** Windows that are drained after each call, as their callers do. */
export class Rig {
  readonly windows: PlainWindow[] = [];
  readonly outcomes: PushOutcome[] = [];
  readonly #names: readonly string[];
  readonly #subject;
  readonly #values: Float64Array;
  readonly #status: Uint32Array;

  constructor(options: RigOptions) {
    this.#names = options.tags.map((tag) => tag.name);
    this.#subject = createAssetWindows({ lateness: 0, idle: 60_000, maxMissing: 0, maxReadings: 100_000, ...options });
    this.#values = new Float64Array(this.#names.length);
    this.#status = new Uint32Array(this.#names.length);
  }

  get counters(): Readonly<WindowCounters> {
    return this.#subject.counters;
  }

  push(t: number, samples: Readonly<Record<string, Sample>>, now = 0, origin?: ReadingOrigin): PushOutcome {
    this.#fill(samples);
    const outcome = this.#subject.push(t, this.#values, this.#status, now, origin);
    // The arrays stay the caller's: nobody may look at them later.
    this.#values.fill(-1);
    this.#status.fill(StatusCode.Good);
    this.outcomes.push(outcome);
    this.#drain();
    return outcome;
  }

  pass(t: number, samples: Readonly<Record<string, Sample>>): void {
    this.#fill(samples);
    this.#subject.pass(t, this.#values, this.#status);
  }

  empty(): void {
    this.#subject.empty();
  }

  tick(now: number): void {
    this.#subject.tick(now);
    this.#drain();
  }

  flush(): void {
    this.#subject.flush();
    this.#drain();
  }

  wakeAt(): number | undefined {
    return this.#subject.wakeAt();
  }

  #fill(samples: Readonly<Record<string, Sample>>): void {
    for (const [tag, name] of this.#names.entries()) {
      const [value, status] = parse(samples[name]);
      this.#values[tag] = value;
      this.#status[tag] = status;
    }
  }

  #drain(): void {
    for (let window = this.#subject.next(); window; window = this.#subject.next())
      this.windows.push(plain(window, this.#names));
  }
}

export function plain(window: Window, names: readonly string[]): PlainWindow {
  const samples = names.map((name, tag) => {
    const { values, times, start, end } = window.signal(tag);
    return [name, Array.from(values.subarray(start, end), (value, i) => [times[start + i], value])];
  });
  const { from, to, quality } = window;
  return { from, to, code: statusName(quality.code), reasons: quality.reasons, samples: Object.fromEntries(samples) };
}

/** The values alone of a tag in a window. */
export function valuesOf(window: PlainWindow | undefined, tag: string): number[] {
  return (window?.samples[tag] ?? []).map(([, value]) => value);
}

export function spans(windows: readonly PlainWindow[]): [number, number][] {
  return windows.map(({ from, to }) => [from, to]);
}

function parse(sample: Sample | undefined): readonly [number, number] {
  if (sample === undefined) return [0, ABSENT];
  if (typeof sample === 'number') return [sample, StatusCode.Good];
  if (typeof sample === 'string') return [Number.NaN, StatusCode[sample]];
  return [sample[0], StatusCode[sample[1]]];
}
