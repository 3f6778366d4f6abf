import { BROKEN } from '../payload/broken.ts';
import { put } from '../payload/values.ts';
import type { ShapeOutlet } from './shape.ts';

/** The most values of one reading that a shape makes. */
const MAX_VALUES = 1_000;
/** The most characters of a tag that a shape puts together. */
const MAX_TAG = 256;
/** The most objects inside each other whose names become one tag. */
const MAX_DEPTH = 8;

type Values = Record<string, unknown>;
type Reject = ShapeOutlet['reject'];

/** Gathers the values of one reading under dotted names, within bounds; what is beyond them is refused once. */
export class ValueGatherer {
  readonly values: Values = {};
  readonly #reject: Reject;
  #count = 0;
  #told = false;

  constructor({ reject }: Pick<ShapeOutlet, 'reject'>) {
    this.#reject = reject;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /**
   * Adds a value: an object or array as its parts, each by its name or number behind a dot (`color.x`, `Power.0`).
   */
  add(tag: string, value: unknown, depth = 0): void {
    if (tag.length > MAX_TAG) this.#beyond(`a tag of more than ${MAX_TAG} characters`);
    else if (typeof value !== 'object' || value === null || value === BROKEN) this.#put(tag, value);
    else if (depth === MAX_DEPTH) this.#beyond(`more than ${MAX_DEPTH} objects inside each other`);
    else this.addAll(value, tag, depth + 1);
  }

  /** Adds the parts of an object or array, but for those that are left out. */
  addAll(whole: object, prefix = '', depth = 0, without?: (key: string) => boolean): void {
    const before = prefix === '' ? '' : `${prefix}.`;
    for (const key of Object.keys(whole)) {
      if (this.#count >= MAX_VALUES) {
        this.#beyond(`more than ${MAX_VALUES} values`);
        return;
      }
      if (without?.(key) !== true) this.add(before + key, (whole as Values)[key], depth);
    }
  }

  #put(tag: string, value: unknown): void {
    this.#count += 1;
    put(this.values, tag, value);
  }

  #beyond(what: string): void {
    if (!this.#told) this.#reject('unknown-shape', what);
    this.#told = true;
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/**
 * Reads a value that came as bare text: a number, true or false, else the text itself; NaN for one that is not finite,
 * null for none.
 */
export function bareValue(text: string): unknown {
  const bare = text.trim();
  if (bare.length > 64) return bare;
  if (NUMBER.test(bare)) return Number(bare);
  if (NOT_FINITE.test(bare)) return Number.NaN;
  if (bare === 'true' || bare === 'false') return bare === 'true';
  return bare === '' || bare === 'null' ? null : bare;
}
