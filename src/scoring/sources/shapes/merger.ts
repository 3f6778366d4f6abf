import type { ShapeOutlet } from './shape.ts';
import { ValueGatherer } from './values.ts';

interface Open {
  readonly asset: unknown;
  readonly t: unknown;
  readonly gathered: ValueGatherer;
}

/** Makes one reading of values that come one after the other and are of one asset and time. */
export class Merger {
  readonly #out: ShapeOutlet;
  #open: Open | undefined;

  constructor(out: ShapeOutlet) {
    this.#out = out;
  }

  /** Takes a value; one of another asset or time, or of a tag that was there, begins another reading. */
  add(asset: unknown, t: unknown, tag: string, value: unknown): void {
    const open = this.#open;
    if (open !== undefined && open.asset === asset && open.t === t && !Object.hasOwn(open.gathered.values, tag)) {
      open.gathered.add(tag, value);
      return;
    }
    this.close();
    const gathered = new ValueGatherer(this.#out);
    gathered.add(tag, value);
    this.#open = { asset, t, gathered };
  }

  /** Gives the reading at hand on. */
  close(): void {
    if (this.#open !== undefined) {
      this.#out.item({ asset: this.#open.asset, t: this.#open.t, values: this.#open.gathered.values });
    }
    this.#open = undefined;
  }
}
