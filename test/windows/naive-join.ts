/** One value of one tag. */
export interface NaiveSample {
  readonly tag: number;
  readonly t: number;
  readonly value: number;
}

interface Options {
  readonly count: number;
  readonly every: number;
  readonly maxGap: number;
  readonly join: number;
  /** By tag; undefined where its last value is not held. */
  readonly hold: readonly (number | undefined)[];
  readonly names: readonly string[];
}

/** What a row has of a tag: a value, why there is none, or nothing. */
type Cell = { readonly value?: number; readonly why?: string } | undefined;

interface Row {
  readonly first: number;
  t: number;
  readonly cells: Cell[];
}

/** Rows of joined and held samples, and the windows over them: all samples are there from the start. Slow, for reading. */
export class NaiveJoin {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  run(samples: readonly NaiveSample[]) {
    const rows = this.#rows(samples);
    const alone = this.#alone(rows);
    this.#hold(rows, samples);
    return this.#windows(rows.filter((row) => !alone.has(row)));
  }

  /** Samples of one time first, then of those within `join` that have no tag in common. */
  #rows(samples: readonly NaiveSample[]): Row[] {
    const { names, join } = this.#options;
    const empty = (): Cell[] => names.map(() => undefined);
    const times = [...new Set(samples.map(({ t }) => t))].sort((a, b) => a - b);
    const rows: Row[] = [];
    for (const t of times) {
      const here = samples.filter((sample) => sample.t === t);
      const last = rows.at(-1);
      const fits = last && t - last.first <= join && here.every(({ tag }) => last.cells[tag] === undefined);
      const row = fits && last.cells.includes(undefined) ? last : { first: t, t, cells: empty() };
      if (row !== last) rows.push(row);
      row.t = t;
      for (const { tag, value } of here) row.cells[tag] = { value };
    }
    return rows;
  }

  /** Rows of held tags alone, beside tags that are not: they only say what is held. */
  #alone(rows: readonly Row[]): ReadonlySet<Row> {
    const { hold } = this.#options;
    if (!hold.includes(undefined) || hold.every((one) => one === undefined)) return new Set();
    return new Set(
      rows.filter(({ cells }) => cells.every((cell, tag) => cell === undefined || hold[tag] !== undefined)),
    );
  }

  #hold(rows: readonly Row[], samples: readonly NaiveSample[]): void {
    for (const row of rows) {
      for (const [tag, hold] of this.#options.hold.entries()) {
        if (hold === undefined || row.cells[tag] !== undefined) continue;
        const before = rows
          .slice(0, rows.indexOf(row))
          .findLast(({ cells }) =>
            samples.some((one) => one.tag === tag && one.value === cells[tag]?.value && cells[tag]?.why === undefined),
          );
        if (before === undefined) row.cells[tag] = { why: 'BadWaitingForInitialData' };
        else if (row.t - before.t > hold) row.cells[tag] = { why: 'BadNoCommunication' };
        else row.cells[tag] = { value: before.cells[tag]?.value as number, why: 'UncertainLastUsableValue' };
      }
    }
  }

  #windows(rows: readonly Row[]) {
    const { count, every, maxGap } = this.#options;
    const windows = [];
    let run: Row[] = [];
    for (const row of rows) {
      if (row.t - (run.at(-1)?.t ?? row.t) > maxGap) run = [];
      run.push(row);
      if (run.length < count || (run.length - count) % every !== 0) continue;
      const held = run.slice(-count);
      windows.push({ from: held[0]?.t, to: row.t, samples: this.#samples(held), reasons: this.#reasons(held) });
    }
    return windows;
  }

  #samples(rows: readonly Row[]) {
    return Object.fromEntries(
      this.#options.names.map((name, tag) => [
        name,
        rows.flatMap(({ t, cells }) => (cells[tag]?.value === undefined ? [] : [[t, cells[tag].value]])),
      ]),
    );
  }

  #reasons(rows: readonly Row[]): string[] {
    return this.#options.names.flatMap((name, tag) => {
      const cells = rows.map((row) => row.cells[tag]);
      const missing = cells.filter((cell) => cell === undefined).length;
      const whys = cells.flatMap((cell) => (cell?.why === undefined ? [] : [cell.why]));
      return [
        ...(missing > 0 ? [`${name}: missing ${missing} of ${rows.length}`] : []),
        ...[...new Set(whys)].map((why) => `${name}: ${why} x${whys.filter((one) => one === why).length}`),
      ];
    });
  }
}
