import type { Decider } from '../../decision/index.ts';
import type { WindowOptions } from '../../windows/index.ts';
import { compileAlarms } from '../asset/alarms.ts';
import { Assets } from '../asset/assets.ts';
import { AssetCodec } from '../asset/codec.ts';
import { createGate, type Gate } from '../asset/gate.ts';
import { Snapshots } from '../asset/snapshots.ts';
import { summarySpec, windowOptions } from '../asset/specs.ts';
import { createState } from '../asset/state.ts';
import type { Explainer } from '../explain/explainer.ts';
import {
  categoriesOf,
  deciderOf,
  explainerOf,
  type PipelineModel,
  recurrenceOf,
  vectorizerOf,
} from '../model/model.ts';
import type { Recurrence } from '../model/recurrence.ts';
import { createBinder } from '../reading/binding.ts';
import { compilePattern } from '../reading/pattern.ts';
import type { AssetConfig, PipelineConfig } from '../schema/config.ts';
import { createCounts, type PipelineCounts } from './counts.ts';
import type { Effect } from './effect.ts';
import { Explanations } from './explanations.ts';
import { Handover } from './handover.ts';
import { RecordBuilder } from './record-builder.ts';
import { Scoring } from './scoring.ts';
import { WindowQueue } from './window-queue.ts';

/** What a pipeline is made of. `name` and `config` as the configuration has them, `assets` for all pipelines. */
export interface PipelineOptions {
  readonly name: string;
  readonly config: PipelineConfig;
  readonly assets: Readonly<Record<string, AssetConfig>>;
  readonly model: PipelineModel;
  /** Digest of the model that acts, where this one is a challenger: it says `shadow`, and neither alarms nor summaries. */
  readonly beside?: string;
}

/** The parts of a pipeline, each made of those before it. */
export interface PipelineParts {
  readonly counts: PipelineCounts;
  /** What the parts want done; the array is reused. */
  readonly effects: Effect[];
  readonly decider: Decider;
  readonly windowOptions: WindowOptions;
  readonly gate: Gate | undefined;
  readonly explainer: Explainer | undefined;
  readonly explanations: Explanations | undefined;
  readonly recurrence: Recurrence | undefined;
  readonly queue: WindowQueue;
  readonly assets: Assets;
  readonly codec: AssetCodec;
  readonly snapshots: Snapshots;
  readonly scoring: Scoring;
  readonly records: RecordBuilder;
  readonly handover: Handover;
}

/** Makes the parts of a pipeline. Throws the errors of a model or configuration that do not fit. */
export function createParts({ name, config, assets: known, model, beside }: PipelineOptions): PipelineParts {
  const effects: Effect[] = [];
  const counts = createCounts();
  const { digest } = model.identity;
  const vectorizer = vectorizerOf(model);
  const decider = deciderOf(model, config.overrides);
  const windows = windowOptions(model, config);
  const gate = createGate(config.when);
  const alarms = compileAlarms(beside === undefined ? config.alarms : {});
  const summary = beside === undefined ? summarySpec(name, model, config, vectorizer, decider) : undefined;
  const explainer = explainerOf(model, vectorizer, decider);
  const explanations = explainer && new Explanations(explainer, digest, effects);
  const recurrence = recurrenceOf(model, vectorizer);
  const queue = new WindowQueue({
    vector: vectorizer.length + (recurrence?.length ?? 0),
    features: vectorizer.names.length,
    outputs: decider.names.length,
    errors: explainer?.errors ?? 0,
  });
  const codec = new AssetCodec(model, config, windows, alarms, summary, recurrence, gate);
  const snapshots = new Snapshots(codec);
  const bind = createBinder(model.tags, categoriesOf(model), config.tags, known);
  const assets: Assets = new Assets({
    limit: config.limits.assets,
    idle: config.idle,
    matches: compilePattern(config.assets),
    create: (asset, standing) => {
      const rules = { windows, alarms, summary };
      return createState(asset, bind(asset), standing, handover.stage, rules, recurrence?.create());
    },
    onTooMany: () => {
      counts.tooManyAssets += 1;
    },
    onForgotten: (asset) => snapshots.forgotten(asset),
  });
  const shared = { explainer, counts, effects };
  const scoring = new Scoring({ ...shared, model: digest, vectorizer, decider, recurrence, queue });
  const identity = { pipeline: name, model: model.identity, beside, overrides: config.overrides };
  const records = new RecordBuilder({ ...shared, ...identity, explanations });
  const handover: Handover = new Handover({
    pipeline: name,
    model: digest,
    targets: JSON.stringify([model.manifest.outputs, config.overrides]),
    rules: alarms,
    ...{ assets, codec, queue, snapshots, records, recurrence, windows },
  });
  return {
    ...{ counts, effects, decider, windowOptions: windows, gate, explainer, explanations, recurrence },
    ...{ queue, assets, codec, snapshots, scoring, records, handover },
  };
}
