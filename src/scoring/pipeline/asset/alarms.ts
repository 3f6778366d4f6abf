import type { AlarmRecord, ByteReader, ByteWriter, PredictionRecord } from '../../../common/core/index.ts';
import { type Condition, compileCondition } from '../../../common/expression/index.ts';
import { type AlarmConfig, Debouncer } from '../../decision/index.ts';

/** Judges a prediction; undefined where a value is missing and the condition is neither true nor false. */
type Judge = (prediction: PredictionRecord) => boolean | undefined;

/** An alarm of a pipeline, its conditions compiled once for all assets. */
export interface AlarmRule {
  readonly name: string;
  readonly config: AlarmConfig;
  /** Whether a prediction calls for the alarm. */
  readonly when: Judge;
  /** Whether a prediction counts towards clearing it. */
  readonly until: Judge;
}

/**
 * Compiles the conditions over `output`, `decision` and `asset`; without one the alarm follows the decision `anomaly`.
 */
export function compileAlarms(alarms: Readonly<Record<string, AlarmConfig>>): AlarmRule[] {
  return Object.entries(alarms).map(([name, config]) => {
    const when = compileJudge(config.when, `alarms.${name}.when`) ?? (({ decision }) => decision === 'anomaly');
    const until = compileJudge(config.until, `alarms.${name}.until`) ?? negated(when);
    return { name, config, when, until };
  });
}

function compileJudge(source: string | undefined, path: string): Judge | undefined {
  if (source === undefined) return undefined;
  const condition: Condition = compileCondition(source, { output: 'map', decision: 'string', asset: 'string' }, path);
  return ({ output, decision, asset }) => {
    let known = true;
    const holds = condition({ output, decision, asset }, () => {
      known = false;
    });
    return known ? holds : undefined;
  };
}

function negated(judge: Judge): Judge {
  return (prediction) => {
    const holds = judge(prediction);
    return holds === undefined ? undefined : !holds;
  };
}

/** One alarm of one asset: k of n predictions raise it, in event time; one that abstains does not count either way. */
export class Alarm {
  readonly rule: AlarmRule;
  readonly #debouncer: Debouncer;

  constructor(rule: AlarmRule) {
    this.rule = rule;
    this.#debouncer = new Debouncer(rule.config.raise, rule.config.clear);
  }

  /** Writes what was counted. */
  save(out: ByteWriter): void {
    this.#debouncer.save(out);
  }

  /** Puts what was saved into a new alarm of the same rule. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    this.#debouncer.restore(from);
  }

  /** Counts a prediction; returns the record of the change that it makes, if it makes one. */
  update(prediction: PredictionRecord): AlarmRecord | undefined {
    if (prediction.decision === 'abstain') return undefined;
    const standing = this.#debouncer.raised;
    const changes = (standing ? this.rule.until : this.rule.when)(prediction);
    if (changes === undefined) return undefined;
    const change = this.#debouncer.update(prediction.t, changes !== standing);
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
