import type { Meta } from './rows/meta.ts';

const KEY = 'retention';
/** Milestones over the time that records are kept: a record may stay this share longer. */
const MILESTONES = 64;
/** Longer than this between two looks is a clock that was set, or a machine that slept. */
const MAX_STEP_MS = 10_000;

/** What the newest id was at a running time, ms. */
type Milestone = readonly [id: number, at: number];

interface Saved {
  readonly running: number;
  /** Oldest first. */
  readonly marks: readonly Milestone[];
}

/**
 * How old records are, in hours that the gateway has run: no clock, set to 1970 or years ahead, can make them old, and
 * after a week without power nothing is given up that could be sent at once.
 */
export class Retention {
  /** ms */
  readonly retain: number;
  readonly #meta: Meta;
  #running = 0;
  #milestones: Milestone[] = [];
  #at: number | undefined;
  #unsaved = false;

  /** @param retain ms */
  constructor(meta: Meta, retain: number) {
    this.#meta = meta;
    this.retain = retain;
  }

  load(): void {
    const saved = read(this.#meta.get(KEY));
    // What has run since the last save did run.
    this.#running = Math.max(this.#running, saved.running);
    this.#milestones = [...saved.marks];
    this.#unsaved = false;
  }

  /** Tells the time, and the newest id that there is at it. */
  look(now: number, newest: number): void {
    this.#running += Math.min(MAX_STEP_MS, Math.max(0, now - (this.#at ?? now)));
    this.#at = now;
    const last = this.#milestones.at(-1);
    if (last !== undefined && (newest <= last[0] || this.#running - last[1] < this.retain / MILESTONES)) return;
    this.#milestones.push([newest, this.#running]);
    this.#unsaved = true;
  }

  /** The highest id that is older than records are kept. */
  due(): number | undefined {
    return this.#milestones.findLast(([, at]) => this.#running - at >= this.retain)?.[0];
  }

  /** Nothing up to this id waits any more. */
  forget(id: number): void {
    const kept = this.#milestones.filter(([newest]) => newest > id);
    this.#unsaved ||= kept.length < this.#milestones.length;
    this.#milestones = kept;
  }

  /** How long a record of this id stays, ms. */
  left(id: number): number {
    const milestone = this.#milestones.find(([newest]) => newest >= id);
    return milestone === undefined ? this.retain : Math.max(0, this.retain - (this.#running - milestone[1]));
  }

  /** Belongs into a transaction. */
  save(): void {
    if (!this.#unsaved) return;
    const saved: Saved = { running: this.#running, marks: this.#milestones };
    this.#meta.set(KEY, JSON.stringify(saved));
    this.#unsaved = false;
  }
}

function read(text: string | undefined): Saved {
  try {
    const { running, marks } = JSON.parse(text ?? '') as Partial<Saved>;
    const inForm = (marks ?? []).every((one) => one.length === 2 && one.every((value) => Number.isFinite(value)));
    if (Number.isFinite(running) && marks !== undefined && inForm) return { running: running ?? 0, marks };
  } catch {
    // Never saved, or damaged: records are as old as what comes from now on, which only keeps them longer.
  }
  return { running: 0, marks: [] };
}
