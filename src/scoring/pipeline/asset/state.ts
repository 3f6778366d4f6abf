import type { ReadingValue } from '../../../common/core/index.ts';
import { type AssetWindows, createAssetWindows, type WindowOptions } from '../../windows/index.ts';
import type { ScoredWindow } from '../explain/explainer.ts';
import type { RecurrentMemory } from '../model/recurrence.ts';
import type { Binding } from '../reading/binding.ts';
import { Alarm, type AlarmRule } from './alarms.ts';
import { EmittedWatermark } from './emitted-watermark.ts';
import { GateClock } from './gate-clock.ts';
import type { Standing } from './standing.ts';
import { AssetSummary, type SummarySpec } from './summaries.ts';

/**
 * Whether a pipeline answers for an asset: `acting`. `following`: another pipeline does, and this one's windows fill.
 * `taking-over`: it does from the windows on that it has closed, which wait for the last decisions of the other one.
 */
export type Stage = 'following' | 'taking-over' | 'acting';

/** What a pipeline holds of one asset. */
export interface AssetState {
  readonly name: string;
  readonly binding: Binding;
  stage: Stage;
  /** End of the newest window that closed, ms; -Infinity before the first. */
  answered: number;
  /** Windows that a recurrent model has seen while another pipeline answers. */
  warm: number;
  /** How often and how long it was heard: who gives way where there is no room depends on it. */
  standing: Standing;
  windows: AssetWindows;
  alarms: readonly Alarm[];
  /** What a recurrent model remembers; undefined for any other model. */
  readonly memory: RecurrentMemory | undefined;
  summary: AssetSummary | undefined;
  /** The latest values by the source's tag name, kept only where a gate reads them. */
  latest: Record<string, ReadingValue>;
  attributes: Readonly<Record<string, string>>;
  gateOpen: boolean;
  gateClock: GateClock;
  /** The last window that the model answered, kept only where it can be explained. */
  last: { readonly scored: ScoredWindow; readonly from: number; readonly to: number } | undefined;
  /** Up to where its predictions were emitted before this start. */
  emittedPredictions: EmittedWatermark;
  /** Up to where changes of its alarms were: they may come later than the windows that they rest on. */
  emittedAlarms: EmittedWatermark;
  /** Whether it changed since the last snapshot. */
  touched: boolean;
}

/** The rules by which the state of each asset is made. */
export interface StateRules {
  readonly windows: WindowOptions;
  readonly alarms: readonly AlarmRule[];
  readonly summary: SummarySpec | undefined;
}

/** Makes the state of an asset of which nothing came yet. */
export function createState(
  name: string,
  binding: Binding,
  standing: Standing,
  stage: Stage,
  rules: StateRules,
  memory?: RecurrentMemory,
): AssetState {
  return {
    name,
    binding,
    stage,
    answered: Number.NEGATIVE_INFINITY,
    warm: 0,
    standing,
    windows: createAssetWindows(rules.windows),
    alarms: rules.alarms.map((rule) => new Alarm(rule)),
    memory,
    summary: rules.summary && new AssetSummary(rules.summary, name),
    latest: {},
    attributes: binding.attributes,
    gateOpen: true,
    gateClock: new GateClock(),
    last: undefined,
    emittedPredictions: new EmittedWatermark(),
    emittedAlarms: new EmittedWatermark(),
    touched: false,
  };
}

/** Empties the windows of an asset, which go on behind those that are closed; a recurrent model begins anew. */
export function emptyWindows(state: AssetState): void {
  state.windows.empty();
  if (state.memory) state.memory.fresh = true;
}

/** Resets the windows of an asset; a recurrent model begins without what it remembers. */
export function resetWindows(state: AssetState, windows: WindowOptions): void {
  state.windows = createAssetWindows(windows);
  if (state.memory) state.memory.fresh = true;
}

/**
 * Puts windows of which no snapshot is held behind what was emitted before this start: a live source does not give those
 * readings again, and what comes of before is late, or of a clock that was set back.
 */
export function beginBehindEmitted({ windows, emittedPredictions: { until } }: AssetState): void {
  if (windows.newest === Number.NEGATIVE_INFINITY && until > windows.newest) windows.beginBehind(until, until);
}

/** Forgets what was emitted before this start: the source's times begin again, and what comes is not of then. */
export function forgetEmitted(state: AssetState): void {
  state.emittedPredictions.reset();
  state.emittedAlarms.reset();
  for (const alarm of state.alarms) alarm.settle();
}

/** Notes that readings of an asset may be missing from here on: windows, and a recurrent model, do not reach across unsaid. */
export function interrupt(state: AssetState, reason: string): void {
  state.windows.interrupted(reason);
  if (state.memory) state.memory.fresh = true;
}
