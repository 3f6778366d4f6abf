import type { Clock, Logger } from '../../common/core/index.ts';
import type { Config } from '../../device/config/index.ts';
import { Driver, type Installation, Intake, openEngine } from '../../device/runtime/index.ts';
import { type PlainCounts, plainCounts, type RecordEffect } from '../../scoring/pipeline/index.ts';
import { createSource, type SourceConfig } from '../../scoring/sources/index.ts';
import { selectInputs } from './inputs.ts';
import { readMerged } from './merge.ts';

export interface ReplayDeps {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Gets each line of output without its line break; a promise it returns is waited for. */
  readonly write: (line: string) => Promise<void> | undefined;
  readonly onProgress?: (readings: number, predictions: number) => void;
  readonly onReject?: (source: string, reason: string, detail: string) => void;
}

export interface ReplayOptions {
  readonly inputs: readonly string[];
  readonly alarms: boolean;
}

/** Counts of a replay; `rejected` by reason. */
export interface ReplayResult {
  readonly readings: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly pipelines: Readonly<Record<string, PlainCounts>>;
}

/** Readings between two rounds of output. */
const ROUND = 4096;

/**
 * Runs recorded data through the same pipelines as `run`, as fast as it goes. A pipeline reads the inputs that are
 * sources of its own, and every input where none is: recorded data stand in for a live source. Several recordings of one
 * source are merged by event time; one source is read after the other. Predictions are written
 * in the order in which windows close, ties by pipeline, then asset.
 */
export async function replay(config: Config, options: ReplayOptions, deps: ReplayDeps): Promise<ReplayResult> {
  const inputs = selectInputs(config, options.inputs);
  const all = [...inputs.keys()];
  const pipelines = Object.fromEntries(
    Object.entries(config.pipelines).map(([name, pipeline]) => {
      const own = [pipeline.source].flat().filter((source) => inputs.has(source));
      return [name, { ...pipeline, source: own.length > 0 ? own : all }];
    }),
  );
  const records: RecordEffect[] = [];
  const driver = new Driver({ record: (effect) => records.push(effect) }, deps.clock.monotonic);
  const engine = await openEngine({ ...config, pipelines }, deps);
  try {
    await engine.loadInto(driver);
    const run = new Round(driver, records, options.alarms, deps);
    const rejected: Record<string, number> = {};
    for (const [name, recordings] of inputs) {
      const intake = await read(name, recordings, config, run, deps);
      for (const [reason, count] of Object.entries(intake.rejected.toJSON()))
        rejected[reason] = (rejected[reason] ?? 0) + count;
    }
    driver.flush(Number.MAX_SAFE_INTEGER);
    await run.write();
    return {
      readings: run.readings,
      rejected,
      pipelines: Object.fromEntries(driver.scored.map(({ pipeline }) => [pipeline.name, plainCounts(pipeline.counts)])),
    };
  } finally {
    await engine.close();
  }
}

async function read(
  name: string,
  recordings: readonly SourceConfig[],
  config: Config,
  round: Round,
  deps: ReplayDeps,
): Promise<Intake> {
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const intake = new Intake({
    source: name,
    driver: round.driver,
    clock: deps.clock,
    tolerance: config.time.tolerance,
    begin: () => round.next(),
    credit: () => round.credit(),
    onReject: (reason, detail) => deps.onReject?.(name, reason, detail),
    onEnd: () => ended(),
  });
  const opened = recordings.map((recording) =>
    createSource(recording, { name, logger: deps.logger, clock: deps.clock }),
  );
  try {
    if (opened.length > 1) await readMerged(opened, intake);
    else await opened[0]?.start(intake);
    await end;
  } finally {
    await Promise.all(opened.map((source) => source.stop()));
  }
  return intake;
}

/** Collects what a stretch of readings gives and writes it in order, once the engine has answered it all. */
class Round {
  readonly driver: Driver;
  readings = 0;
  readonly #records: RecordEffect[];
  readonly #alarms: boolean;
  readonly #deps: ReplayDeps;
  #written = 0;
  #since = 0;

  constructor(driver: Driver, records: RecordEffect[], alarms: boolean, deps: ReplayDeps) {
    this.driver = driver;
    this.#records = records;
    this.#alarms = alarms;
    this.#deps = deps;
  }

  next(): number {
    this.readings += 1;
    this.#since += 1;
    return this.readings;
  }

  /** The engine's bound holds here, too: what it refuses would not be the same from run to run. */
  credit(): Promise<void> | undefined {
    return this.#since >= ROUND ? this.write() : this.driver.credit();
  }

  async write(): Promise<void> {
    this.#since = 0;
    await this.driver.whenIdle();
    const records = this.#records.splice(0).sort(byClosing);
    for (const { record } of records) {
      const prediction = record.type === 'prediction';
      if (!prediction && !(this.#alarms && record.type === 'alarm')) continue;
      if (prediction) this.#written += 1;
      await this.#deps.write(JSON.stringify(record, (key, value) => (key === 'latencyMs' ? undefined : value)));
    }
    this.#deps.onProgress?.(this.readings, this.#written);
  }
}

/** The reading that closed the window, then the pipeline, then the asset; what is alike keeps its order. */
function byClosing(a: RecordEffect, b: RecordEffect): number {
  return (
    a.readingNumber - b.readingNumber ||
    compare(a.record.pipeline, b.record.pipeline) ||
    compare(a.record.asset, b.record.asset)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
