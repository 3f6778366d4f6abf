import type { Meta } from './rows/meta.ts';

const KEY = 'retention';
/** Milestones in the time that records are kept; a record may stay longer by one part of these. */
const MILESTONES = 64;
/** A longer time between two looks means that the clock was set, or that the machine slept. */
const MAX_STEP_MS = 10_000;

/** The newest id at a running time, ms. */
type Milestone = readonly [id: number, at: number];

interface Saved {
  readonly running: number;
  /** Milestones, oldest first. The name is that of the file. */
  readonly marks: readonly Milestone[];
}

/**
 * How old records are, in hours that the gateway has run: no clock, set to 1970 or years ahead, can make them old, and
 * after a week without power nothing is given up that could be sent at once.
 */
export class Retention {
  /** Running time, ms, that records are kept. */
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
    // The time that has run since the last save counts.
    this.#running = Math.max(this.#running, saved.running);
    this.#milestones = [...saved.marks];
    this.#unsaved = false;
  }

  /** Notes the time, ms since the epoch, and the newest id at that time. */
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

  /** Forgets the milestones up to this id, where nothing waits any more. */
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

  /** Writes running time and milestones where they have changed. The caller runs it within a transaction. */
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
