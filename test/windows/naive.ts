import type { PushOutcome } from '../../src/scoring/windows/index.ts';

/** Tag's samples in a window, [t, value]. */
export type NaiveWindow = { from: number; to: number; samples: [number, number][][] };

interface Row {
  readonly t: number;
  readonly cells: (number | undefined)[];
  closed: boolean;
}

/** Count windows, written for reading and not for speed; all samples good, nothing forgotten. */
export class NaiveCountWindows {
  readonly windows: NaiveWindow[] = [];
  readonly #options: { tags: number; count: number; every: number; maxGap: number; lateness: number };
  #rows: Row[] = [];
  #run: Row[] = [];
  #newest = Number.NEGATIVE_INFINITY;

  constructor(options: { tags: number; count: number; every: number; maxGap: number; lateness: number }) {
    this.#options = options;
  }

  push(t: number, cells: readonly (number | undefined)[]): PushOutcome {
    const outcome = this.#take(t, cells);
    this.#newest = Math.max(this.#newest, outcome === 'accepted' ? t : this.#newest);
    const watermark = this.#newest - this.#options.lateness;
    this.#close((row) => row.t < watermark || (row.t === watermark && !row.cells.includes(undefined)));
    return outcome;
  }

  flush(): void {
    this.#close(() => true);
  }

  #take(t: number, cells: readonly (number | undefined)[]): PushOutcome {
    const carried = cells.flatMap((value, tag) => (value === undefined ? [] : [{ tag, value }]));
    const same = this.#rows.filter((row) => row.t === t);
    const fits = (row: Row) => carried.every(({ tag, value }) => (row.cells[tag] ?? value) === value);
    const adds = (row: Row) => carried.some(({ tag }) => row.cells[tag] === undefined);
    const late = t < this.#newest - this.#options.lateness || this.#rows.some((row) => row.closed && row.t > t);
    if (late) return same.some((row) => fits(row) && !adds(row)) ? 'duplicate' : 'late';
    const match = same.find(fits);
    if (!match) {
      this.#rows.push({ t, cells: [...cells], closed: false });
      this.#rows.sort((a, b) => a.t - b.t);
      return 'accepted';
    }
    if (!adds(match)) return 'duplicate';
    if (match.closed) return 'late';
    for (const { tag, value } of carried) match.cells[tag] = value;
    return 'accepted';
  }

  #close(may: (row: Row) => boolean): void {
    const { count, every, maxGap, tags } = this.#options;
    for (const row of this.#rows.filter((candidate) => !candidate.closed)) {
      if (!may(row)) return;
      row.closed = true;
      if (row.t - (this.#run.at(-1)?.t ?? row.t) > maxGap) this.#run = [];
      this.#run.push(row);
      if (this.#run.length < count || (this.#run.length - count) % every !== 0) continue;
      const rows = this.#run.slice(-count);
      const samples = Array.from({ length: tags }, (_, tag) =>
        rows.flatMap(({ t, cells }): [number, number][] => (cells[tag] === undefined ? [] : [[t, cells[tag]]])),
      );
      this.windows.push({ from: rows[0]?.t ?? 0, to: row.t, samples });
    }
  }
}

/** Time windows, written for reading and not for speed; all samples good, nothing forgotten. */
export class NaiveTimeWindows {
  readonly windows: NaiveWindow[] = [];
  readonly #options: { tags: number; length: number; every: number; lateness: number; idle: number };
  readonly #samples: [number, number][][];
  readonly #arrivals: number[] = [];
  /** Index of the first window that is not closed; to begin with, one before all times that tests use. */
  #open = -100;

  constructor(options: { tags: number; length: number; every: number; lateness: number; idle: number }) {
    this.#options = options;
    this.#samples = Array.from({ length: options.tags }, () => []);
  }

  push(t: number, cells: readonly (number | undefined)[], now: number): PushOutcome {
    for (let tag = 0; tag < cells.length; tag += 1) this.#arrivals[tag] ??= now;
    const outcome = this.#take(t, cells, now);
    this.#close(this.#limit(now));
    return outcome;
  }

  flush(): void {
    this.#close(Number.POSITIVE_INFINITY);
  }

  #take(t: number, cells: readonly (number | undefined)[], now: number): PushOutcome {
    if (t < this.#open * this.#options.every) return 'late';
    let added = false;
    for (const [tag, value] of cells.entries()) {
      if (value === undefined) continue;
      this.#arrivals[tag] = now;
      const samples = this.#samples[tag] ?? [];
      if (samples.some(([time, other]) => time === t && other === value)) continue;
      samples.push([t, value]);
      samples.sort(([a], [b]) => a - b);
      added = true;
    }
    return added ? 'accepted' : 'duplicate';
  }

  #limit(now: number): number {
    const { idle, lateness } = this.#options;
    const heard = this.#samples.filter((_, tag) => now - (this.#arrivals[tag] ?? now) < idle);
    return Math.min(...heard.map((samples) => samples.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY)) - lateness;
  }

  #close(limit: number): void {
    const { length, every } = this.#options;
    const last = Math.max(...this.#samples.flat().map(([t]) => t));
    for (;;) {
      const from = this.#open * every;
      const to = from + length;
      if (to > limit || from > last) return;
      const samples = this.#samples.map((all) => all.filter(([t]) => t >= from && t < to));
      if (samples.some((held) => held.length > 0)) this.windows.push({ from, to, samples });
      this.#open += 1;
    }
  }
}
