import type { AlarmRecord, ByteReader, ByteWriter, PredictionRecord } from '../core/index.ts';
import { type AlarmConfig, Debouncer } from '../decision/index.ts';
import { type Condition, compileCondition } from '../expression/index.ts';

/** An alarm of a pipeline, its condition compiled once for all assets. */
export interface AlarmRule {
  readonly name: string;
  readonly config: AlarmConfig;
  /** Undefined where the condition cannot be told, for a value that is missing. */
  readonly active: (prediction: PredictionRecord) => boolean | undefined;
}

/** Compiles `when` over `output`, `decision` and `asset`; without it the alarm follows the decision `anomaly`. */
export function compileAlarms(alarms: Readonly<Record<string, AlarmConfig>>): AlarmRule[] {
  return Object.entries(alarms).map(([name, config]) => {
    if (config.when === undefined) return { name, config, active: ({ decision }) => decision === 'anomaly' };
    const condition: Condition = compileCondition(
      config.when,
      { output: 'map', decision: 'string', asset: 'string' },
      `alarms.${name}.when`,
    );
    return {
      name,
      config,
      active: ({ output, decision, asset }) => {
        let known = true;
        const holds = condition({ output, decision, asset }, () => {
          known = false;
        });
        return known ? holds : undefined;
      },
    };
  });
}

/** One alarm of one asset: k of n predictions, in event time, make a raise; what abstains does not count either way. */
export class Alarm {
  readonly rule: AlarmRule;
  readonly #debouncer: Debouncer;

  constructor(rule: AlarmRule) {
    this.rule = rule;
    this.#debouncer = new Debouncer(rule.config.raise, rule.config.clear);
  }

  save(out: ByteWriter): void {
    this.#debouncer.save(out);
  }

  restore(from: ByteReader): void {
    this.#debouncer.restore(from);
  }

  update(prediction: PredictionRecord): AlarmRecord | undefined {
    if (prediction.decision === 'abstain') return undefined;
    const active = this.rule.active(prediction);
    if (active === undefined) return undefined;
    const change = this.#debouncer.update(prediction.t, active);
    if (change === undefined) return undefined;
    return {
      type: 'alarm',
      t: prediction.t,
      pipeline: prediction.pipeline,
      asset: prediction.asset,
      alarm: this.rule.name,
      state: change,
      severity: this.rule.config.severity,
      since: this.#debouncer.since ?? prediction.t,
      prediction: { from: prediction.from, to: prediction.to, output: prediction.output },
    };
  }
}
