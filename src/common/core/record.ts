import type { QualityRecord } from './quality.ts';

/** The answer of one target. Null stands in its place where the target abstains. */
export type TargetOutput =
  | { readonly value: number }
  /** A forecast: a value for each step. */
  | { readonly values: readonly number[]; readonly steps: readonly string[] }
  | { readonly score: number }
  | {
      readonly label: string;
      /** Absent where the model gives a label alone. */
      readonly probabilities?: Readonly<Record<string, number>>;
      /** What the cost matrix says is to be done, and the cost to be expected of it; absent without one. */
      readonly action?: string;
      readonly expectedCost?: number;
    };

/** The answer of a model: of its only target, or of several by name. */
export type Output = TargetOutput | { readonly outputs: Readonly<Record<string, TargetOutput | null>> };

/**
 * What a prediction decides: `answer` for values and classes, `normal` or `anomaly` against a threshold, or no
 * decision.
 */
export type Decision = 'answer' | 'normal' | 'anomaly' | 'abstain';

/** Which model answered. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  /** OpenSSF Model Signing root digest of the bundle, hex SHA-256. */
  readonly digest: string;
  /** Whether the bundle was verified against a signature. */
  readonly signed: boolean;
}

/** What a model said of one window. */
export interface PredictionRecord {
  readonly type: 'prediction';
  /** Event time, ms since the epoch; the window's `to`. */
  readonly t: number;
  readonly pipeline: string;
  readonly asset: string;
  /** The window, event time in ms: see `Window`. */
  readonly from: number;
  readonly to: number;
  readonly model: ModelIdentity;
  /** Null where the model abstains. */
  readonly output: Output | null;
  readonly decision: Decision;
  readonly quality: QualityRecord;
  /** Tags that were missing, in whose place the model got NaN or a fill as its manifest says; absent where none. */
  readonly missing?: readonly string[];
  /** What the configuration overrides in the manifest, absent where nothing. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** ms from the closing of the window to its decision, processing time. */
  readonly latencyMs?: number;
}

/** What a model said of a window for which another one acted: it is compared, and nothing follows from it. */
export interface ShadowRecord extends Omit<PredictionRecord, 'type'> {
  readonly type: 'shadow';
  /** Digest of the model that acted. */
  readonly beside: string;
}

/**
 * Distribution of one feature or output over the bins of the reference profile; merges by addition and Chan's formula.
 */
export interface Distribution {
  /** Counts per bin of the reference edges. */
  readonly counts: readonly number[];
  readonly underflow: number;
  readonly overflow: number;
  readonly missing: number;
  readonly n: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly m2: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** Exponential histogram (base 2^(2^-scale)) as in OpenTelemetry; `counts[i]` is bucket `offset + i`. */
export interface LatencyHistogram {
  readonly scale: number;
  readonly offset: number;
  readonly counts: readonly number[];
  readonly zero: number;
}

/** What a summary that stands for predictions keeps of them beside the numbers of their outputs. */
export interface FoldedPredictions {
  /** Predictions that will not come by themselves; `predictions` of a coarser summary may be more. */
  readonly records: number;
  readonly decisions: Readonly<Record<string, number>>;
  /** Per target how often each label was the answer; `*` is the rest of many. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How often each quality code. */
  readonly quality: Readonly<Record<string, number>>;
}

/** Distributions of features and outputs over a period, against the bins of the reference profile. */
export interface SummaryRecord {
  readonly type: 'summary';
  /** Event time, ms since the epoch; the period's `to`. */
  readonly t: number;
  readonly pipeline: string;
  /** `*` where it is of several. */
  readonly asset: string;
  /** The period, event time in ms. */
  readonly from: number;
  readonly to: number;
  readonly model: ModelIdentity;
  /** Of shadow predictions that were folded: digest of the model that acted. */
  readonly beside?: string;
  /** Absent where there are no features: of predictions that were folded, only outputs are known. */
  readonly featureSpec?: string;
  readonly predictions: number;
  readonly abstained: number;
  readonly folded?: FoldedPredictions;
  /** Why predictions that were told in the period may be missing here; absent where none can be. */
  readonly incomplete?: string;
  readonly features: Readonly<Record<string, Distribution>>;
  readonly outputs: Readonly<Record<string, Distribution>>;
  readonly latency: LatencyHistogram;
}

/** What became of an alarm; the last two are a person's answers. */
export type AlarmState = 'raised' | 'cleared' | 'acknowledged' | 'shelved';
/**
/**
 * Why an alarm was cleared though no prediction called for it: what it stood on is another, or gone. `model`, `rule`:
 * the one that counted is another. `removed`: alarm, pipeline or asset is not configured any more. `quiet`: its asset
 * was silent, and made room for another one.
 */
export type AlarmEnd = 'model' | 'rule' | 'removed' | 'quiet';
/** How much an alarm asks for attention, as its configuration says. */
export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** A group of sensors and what it added to what is explained; negative where it took away. */
export interface Contribution {
  readonly sensor: string;
  readonly contribution: number;
}

/** Which sensors an answer rests on. */
export interface Explanation {
  /** Greatest first. */
  readonly contributions: readonly Contribution[];
  readonly explained: {
    readonly method: 'occlusion' | 'shapley' | 'squared_error';
    /** A target, or `target.label` for a probability. */
    readonly of: string;
    readonly value: number;
    /** The same where every sensor shows its reference; absent for squared errors. */
    readonly reference?: number;
  };
}

/** An alarm of an asset changed its state. It has an explanation where it was raised and the model could be asked. */
export interface AlarmRecord extends Partial<Explanation> {
  readonly type: 'alarm';
  /** Event time of the change, ms since the epoch. */
  readonly t: number;
  readonly pipeline: string;
  readonly asset: string;
  /** Name of the rule in the configuration. */
  readonly alarm: string;
  readonly state: AlarmState;
  readonly severity: Severity;
  /** Event time of the raise that this continues. */
  readonly since: number;
  /** The prediction it rests on; absent where it was cleared without one. */
  readonly prediction?: { readonly from: number; readonly to: number; readonly output: Output | null };
  /** Why it was cleared without a prediction. */
  readonly reason?: AlarmEnd;
}

/**
 * Why records are gone. `thinned`: folded into summaries, or these into coarser ones, to make room. `retain`: older
 * than is to be kept.
 */
export type LossCause = 'outbox-full' | 'thinned' | 'retain' | 'disk-stalled' | 'unreadable' | 'too-large';

/** How many records of one pipeline and type are gone, by what became of them. */
export interface LossCount {
  readonly pipeline: string;
  readonly type: RecordType;
  readonly dropped?: number;
  readonly folded?: number;
}

/** Records that will not come, and why. What is received within its range all the same is not lost. */
export interface LossRecord {
  readonly type: 'loss';
  /** When it was decided, ms since the epoch. */
  readonly t: number;
  /** Boot whose seqs are gone; with `first` and `last` inclusive. */
  readonly boot: string;
  readonly first: number;
  readonly last: number;
  /** Event time range of what is gone. */
  readonly from: number;
  readonly to: number;
  readonly cause: LossCause;
  readonly counts: readonly LossCount[];
  /** Seqs of this record's own boot among which the summaries are that stand for what was folded. */
  readonly summaries?: { readonly first: number; readonly last: number };
}

/** Names of what a gateway tells of itself; the last three are the audit chain's own. */
export const EVENT_NAMES = [
  'start',
  'stop',
  'clock-step',
  'config',
  'model-failed',
  'asset-limit',
  'identity-conflict',
  'store-corrupt',
  'store-salvaged',
  'genesis',
  'pruned',
  'chain-lost',
] as const;

/** See `EVENT_NAMES`. */
export type EventName = (typeof EVENT_NAMES)[number];

/** Where an event stands in the device's chain of audit entries. */
export interface AuditPosition {
  readonly n: number;
  /** Hash of the entry before it, hex SHA-256. */
  readonly prev: string;
  readonly hash: string;
}

/** Something happened to the gateway itself. */
export interface EventRecord {
  readonly type: 'event';
  /** When it happened, ms since the epoch. */
  readonly t: number;
  readonly event: EventName;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Absent where the chain could not take it. */
  readonly audit?: AuditPosition;
}

/** Everything that is stored and sent. Each type has a row in `RECORD_KINDS`. */
export type OutboxRecord = PredictionRecord | ShadowRecord | SummaryRecord | AlarmRecord | LossRecord | EventRecord;
/** What a record is called on the wire, in the ledger and in `watch --type`. */
export type RecordType = OutboxRecord['type'];

/** A record that a pipeline makes of one asset, or of several. */
export type PipelineRecord = Extract<OutboxRecord, { readonly pipeline: string; readonly asset: string }>;

/** As on the wire: with its identity within the boot and whether the clock was trusted when it was made. */
export type WireRecord = OutboxRecord & { readonly seq: number; readonly clock: boolean };
