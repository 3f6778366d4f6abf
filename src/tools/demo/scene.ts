import type { AlarmRecord, Decision, Output, PredictionRecord, Reading } from '../../common/core/index.ts';
import { RIG_TAG_NAMES, type RigTag } from '../../scoring/sources/index.ts';
import type { DemoEvent } from './events.ts';
import { Trace } from './trace.ts';

/** ms of machine time per character of a sparkline of a sensor or a score. */
const SENSOR_STRETCH = 1_000;
/** ms of wall time per character of the queue's sparkline. */
const QUEUE_STRETCH = 500;
const TRACE_LENGTH = 240;
const MAX_LINES = 200;

/** One sensor of a pump as it is shown. */
export interface SensorView {
  value: number;
  readonly trace: Trace;
}

/** One pump as it is shown. */
export interface PumpView {
  readonly asset: string;
  mode: string;
  /** What is broken at the moment. */
  fault: string | undefined;
  readonly sensors: Readonly<Record<RigTag, SensorView>>;
  score: number | undefined;
  decision: Decision | undefined;
  readonly scores: Trace;
  /** Names of alarms that are raised. */
  readonly alarms: Set<string>;
}

/** The link between gateway and consumer as it is shown; `cut` is the demo's own doing. */
export type LinkView = 'online' | 'connecting' | 'offline' | 'cut';

/** What the consumer has, in records. */
export interface ConsumerView {
  readonly received: number;
  readonly duplicates: number;
  readonly missing: number;
}

/** Everything that the view shows. It is given what happens, and knows nothing of who makes it happen. */
export class Scene {
  site = '';
  device = '';
  /** Address of the broker, for `edgewright watch`. */
  broker = '';
  model = '';
  /** A score above it is an anomaly. */
  threshold = Number.NaN;
  /** ms since the story began. */
  elapsed = 0;
  /** ms; undefined where it goes on until it is stopped. */
  length: number | undefined;
  readonly pumps: readonly PumpView[];
  link: LinkView = 'connecting';
  readings = 0;
  predictions = 0;
  committed = 0;
  pending = 0;
  bytes = 0;
  readonly queue = new Trace(QUEUE_STRETCH, TRACE_LENGTH);
  consumer: ConsumerView = { received: 0, duplicates: 0, missing: 0 };
  /** Newest last. */
  readonly events: DemoEvent[] = [];

  constructor(assets: readonly string[]) {
    this.pumps = assets.map((asset) => ({
      asset,
      mode: '',
      fault: undefined,
      sensors: createSensors(),
      score: undefined,
      decision: undefined,
      scores: new Trace(SENSOR_STRETCH, TRACE_LENGTH),
      alarms: new Set(),
    }));
  }

  reading({ asset, t, values }: Reading, mode: string): void {
    this.readings += 1;
    const pump = this.#pump(asset);
    if (!pump) return;
    pump.mode = mode;
    for (const tag of RIG_TAG_NAMES) {
      const value = values[tag];
      if (typeof value !== 'number') continue;
      pump.sensors[tag].value = value;
      pump.sensors[tag].trace.add(t, value);
    }
  }

  prediction({ asset, t, output, decision }: PredictionRecord): void {
    this.predictions += 1;
    const pump = this.#pump(asset);
    if (!pump) return;
    pump.decision = decision;
    pump.score = scoreOf(output);
    if (pump.score !== undefined) pump.scores.add(t, pump.score);
  }

  alarm({ asset, alarm, state }: AlarmRecord): void {
    const alarms = this.#pump(asset)?.alarms;
    if (state === 'raised') alarms?.add(alarm);
    if (state === 'cleared') alarms?.delete(alarm);
  }

  queued(pending: number, bytes: number, committed: number): void {
    this.pending = pending;
    this.bytes = bytes;
    this.committed = committed;
    this.queue.add(this.elapsed, pending);
  }

  event(event: DemoEvent): void {
    if (event.event === 'fault') {
      const pump = this.#pump(event.asset);
      if (pump) pump.fault = event.state === 'on' ? event.fault : undefined;
    }
    if (event.event === 'queue') return;
    this.events.push(event);
    if (this.events.length > MAX_LINES) this.events.shift();
  }

  #pump(asset: string): PumpView | undefined {
    return this.pumps.find((pump) => pump.asset === asset);
  }
}

function createSensors(): Record<RigTag, SensorView> {
  const sensor = (): SensorView => ({ value: Number.NaN, trace: new Trace(SENSOR_STRETCH, TRACE_LENGTH) });
  return { speed: sensor(), pressure: sensor(), flow: sensor(), temperature: sensor(), vibration: sensor() };
}

function scoreOf(output: Output | null): number | undefined {
  return output !== null && 'score' in output ? output.score : undefined;
}
