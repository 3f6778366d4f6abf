import type {
  AlarmEnd,
  AlarmRecord,
  ByteReader,
  ByteWriter,
  PredictionRecord,
  Severity,
} from '../../../common/core/index.ts';
import { type Condition, compileCondition } from '../../../common/expression/index.ts';
import { type AlarmConfig, Debouncer, readDebouncer } from '../../decision/index.ts';

/** Judges a prediction; undefined where a value is missing and the condition is neither true nor false. */
type Judge = (prediction: PredictionRecord) => boolean | undefined;

/** An alarm of a pipeline, its conditions compiled once for all assets. */
export interface AlarmRule {
  readonly name: string;
  readonly config: AlarmConfig;
  /** What it counts: two rules with the same count alike. */
  readonly digest: string;
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
    return {
      name,
      config,
      digest: JSON.stringify([config.when, config.until, config.raise, config.clear]),
      when,
      until,
    };
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

/** What was told of an alarm last. */
export interface ToldAlarm {
  readonly raised: boolean;
  /** Event time of the raise. */
  readonly since: number;
  /** Event time of the change, ms. */
  readonly t: number;
}

/** An alarm as a snapshot has it: what was told of it last, and the rule's severity and model, where they are saved. */
export interface SavedAlarm extends ToldAlarm {
  readonly severity: Severity | undefined;
  /** First characters of the digest of the model. */
  readonly model: string | undefined;
}

/** Characters of a model's digest that are saved: enough to tell it from another. */
const MODEL_CHARACTERS = 12;

/**
 * One alarm of one asset: k of n predictions raise it, in event time; one that abstains does not count either way. After
 * a restart what was told is what stands: readings since the snapshot come again, and count up to there, or do not.
 */
export class Alarm {
  readonly rule: AlarmRule;
  readonly #debouncer: Debouncer;
  /** Told behind the snapshot, and not reached yet. */
  #told: ToldAlarm | undefined;

  constructor(rule: AlarmRule, debouncer = new Debouncer(rule.config.raise, rule.config.clear)) {
    this.rule = rule;
    this.#debouncer = debouncer;
  }

  /** Gives the alarm that goes on under a rule of the same digest, of another pipeline. This one is of no use any more. */
  under(rule: AlarmRule): Alarm {
    const alarm = new Alarm(rule, this.#debouncer);
    alarm.#told = this.#told;
    return alarm;
  }

  /** Notes what was told behind the snapshot. */
  tell(told: ToldAlarm): void {
    this.#told = told;
  }

  /** The change that was made last is told: it stands as it was counted. */
  emitted(): void {
    this.#told = undefined;
  }

  /** Nothing up to what was told comes again: it stands as it was told. */
  settle(): void {
    const told = this.#told;
    if (!told) return;
    this.#told = undefined;
    const { raised, since } = this.#debouncer;
    if (told.raised !== raised || told.since !== since) this.#debouncer.become(told.raised, told.since);
  }

  /** Writes what was counted and told. @param model digest of the model that answers */
  save(out: ByteWriter, model: string): void {
    this.#debouncer.save(out);
    out.text(model.slice(0, MODEL_CHARACTERS));
    out.text(this.rule.config.severity);
    out.u8(this.#told ? 1 : 0);
    if (!this.#told) return;
    out.u8(this.#told.raised ? 1 : 0);
    out.f64(this.#told.since);
    out.f64(this.#told.t);
  }

  /** Puts what was saved into a new alarm of the same rule. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    this.#debouncer.restore(from);
    this.#told = readRest(from).told;
  }

  /**
   * Gives the record that ends the alarm without a prediction, where it stands; the alarm itself is of no use any more.
   * @param t event time of the end, ms
   */
  end(pipeline: string, asset: string, t: number, reason: AlarmEnd): AlarmRecord | undefined {
    this.settle();
    const { raised, since = t } = this.#debouncer;
    if (!raised) return undefined;
    const { name, config } = this.rule;
    return endOfAlarm({ t, pipeline, asset, alarm: name, severity: config.severity, since, reason });
  }

  /** Counts a prediction; returns the record of the change that it makes, if it makes one. */
  update(prediction: PredictionRecord): AlarmRecord | undefined {
    if (this.#told && prediction.t > this.#told.t) this.settle();
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

/** The record that ends an alarm without a prediction, at `t`, or at its raise where that is later. */
export type EndedAlarm = AlarmRecord & { readonly reason: AlarmEnd };

/** Makes the record that ends an alarm without a prediction. */
export function endOfAlarm(
  end: Pick<EndedAlarm, 't' | 'pipeline' | 'asset' | 'alarm' | 'severity' | 'since' | 'reason'>,
): EndedAlarm {
  return { type: 'alarm', state: 'cleared', ...end, t: Math.max(end.t, end.since) };
}

/** Reads what `Alarm.save` wrote, whatever its rule. Throws RangeError where the bytes are no such state. */
export function readAlarm(from: ByteReader): SavedAlarm {
  const { raised, since, newest } = readDebouncer(from);
  const { told, severity, model } = readRest(from);
  return { ...(told ?? { raised, since, t: newest }), severity, model };
}

/** Reads what follows the debouncer; earlier versions wrote nothing there. */
function readRest(from: ByteReader): Pick<SavedAlarm, 'severity' | 'model'> & { readonly told: ToldAlarm | undefined } {
  if (from.done) return { model: undefined, severity: undefined, told: undefined };
  const model = from.text();
  const severity = from.text() as Severity;
  const told = from.u8() === 1 ? { raised: from.u8() === 1, since: from.f64(), t: from.f64() } : undefined;
  return { model, severity, told };
}

/** Whether a digest is that of the model with which an alarm was saved. */
export function isModelOf({ model }: SavedAlarm, digest: string): boolean {
  return model === undefined || digest.startsWith(model);
}
