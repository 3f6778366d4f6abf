import {
  type AlarmEnd,
  type AlarmRecord,
  isRecordType,
  type Output,
  printable,
  type QualityRecord,
  RECORD_KINDS,
  type TargetOutput,
  type WireRecord,
} from '../../common/core/index.ts';
import type { Range, StatusMessage, UnknownRecord } from '../../common/protocol/index.ts';

/** The columns of a record on a terminal. */
export interface Described {
  readonly time: string;
  readonly type: string;
  readonly pipeline: string;
  readonly asset: string;
  /** The content of the record in words. */
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'warning' | 'bad';
}

/** Digits of a score or value that a person reads. */
const DIGITS = 4;
/** Steps of a forecast that a line has room for. */
const SHOWN_STEPS = 6;

/** Describes a record; `offset` is by how many ms its time is known to be too small. */
export function describeRecord(record: WireRecord | UnknownRecord, offset = 0): Described {
  const known = isKnown(record) ? record : undefined;
  const { text, tone } = known
    ? describeContent(known)
    : { text: 'of a type that this version does not know', tone: 'plain' as const };
  return {
    time: describeTime(record.t + offset),
    type: printable(record.type),
    pipeline: known && 'pipeline' in known ? printable(known.pipeline) : '-',
    asset: known && 'asset' in known ? printable(known.asset) : '-',
    text: printable(offset === 0 ? text : `${text}  (its clock said ${describeTime(record.t)})`),
    tone,
  };
}

function isKnown(record: WireRecord | UnknownRecord): record is WireRecord {
  return isRecordType(record.type);
}

function describeContent(record: WireRecord): Pick<Described, 'text' | 'tone'> {
  switch (record.type) {
    case 'prediction':
    case 'shadow': {
      const quality = describeQuality(record.quality);
      const decision = record.decision === 'answer' ? '' : `  ${record.decision}`;
      const tone = record.decision === 'anomaly' ? 'bad' : record.quality.code === 'Good' ? 'plain' : 'warning';
      return { text: `${describeOutput(record.output)}${decision}  ${quality}`, tone };
    }
    case 'alarm':
      return {
        text: `${record.alarm} ${record.state} (${record.severity}), ${describeCause(record)}`,
        tone: record.state === 'raised' ? 'bad' : 'good',
      };
    case 'summary':
      return { text: `${record.predictions} predictions, ${record.abstained} abstained`, tone: 'plain' };
    case 'loss': {
      const seqs = describeRange([record.first, record.last]);
      return { text: `${seqs} of boot ${shortBoot(record.boot)} will not come: ${record.cause}`, tone: 'bad' };
    }
    case 'event': {
      if (record.event === 'clock-step') return { text: describeStep(record.detail), tone: 'warning' };
      const detail = Object.keys(record.detail).length > 0 ? ` ${JSON.stringify(record.detail)}` : '';
      return { text: `${record.event}${detail}`, tone: 'plain' };
    }
    default:
      return describeFields(record);
  }
}

/** Columns that have a place of their own, or mean nothing to a person. */
const ELSEWHERE: ReadonlySet<string> = new Set(['type', 't', 'pipeline', 'asset', 'seq', 'clock']);

/** Describes a record by its fields, for a type that has no words of its own here. */
export function describeFields(record: WireRecord): Pick<Described, 'text' | 'tone'> {
  const fields = Object.entries(record).filter(([name]) => !ELSEWHERE.has(name));
  const text = fields.map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return { text: text.join(', '), tone: RECORD_KINDS[record.type].urgent ? 'warning' : 'plain' };
}

function describeStep({ from, to, trusted, wrong }: Readonly<Record<string, unknown>>): string {
  const { first, last } = (wrong ?? {}) as Readonly<Record<string, unknown>>;
  const range = typeof first === 'number' && typeof last === 'number' ? describeRange([first, last]) : undefined;
  const whose = range === undefined ? '' : `; ${range} have times of the clock before`;
  const trust = trusted === true ? '' : ', not trusted';
  return `the clock was set from ${describeTime(Number(from))} to ${describeTime(Number(to))}${trust}${whose}`;
}

/** The output of a model in words. */
export function describeOutput(output: Output | null): string {
  if (output === null) return 'no answer';
  if (!('outputs' in output)) return describeTarget(output);
  return Object.entries(output.outputs)
    .map(([name, target]) => `${name}=${target === null ? 'no answer' : describeTarget(target, true)}`)
    .join(' ');
}

function describeTarget(output: TargetOutput, bare = false): string {
  if ('value' in output) return `${bare ? '' : 'value '}${round(output.value)}`;
  if ('values' in output) {
    const all = output.values.map((value, index) => `${output.steps[index] ?? index}: ${round(value)}`);
    const shown =
      all.length > SHOWN_STEPS ? [...all.slice(0, SHOWN_STEPS), `and ${all.length - SHOWN_STEPS} more`] : all;
    return `${bare ? '' : 'values '}${shown.join(', ')}`;
  }
  if ('score' in output) return `${bare ? '' : 'score '}${round(output.score)}`;
  const probability = output.probabilities?.[output.label];
  return probability === undefined ? output.label : `${output.label} (${round(probability)})`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}

function describeQuality({ code, reasons }: QualityRecord): string {
  return reasons.length === 0 ? code : `${code} (${reasons.join('; ')})`;
}

/** A status message in words. */
export function describeStatus(status: StatusMessage): string {
  const state = status.online ? 'online' : `offline${status.reason ? ` (${status.reason})` : ''}`;
  const models = status.models.map(({ pipeline, name, version }) => `${pipeline}: ${name} ${version}`).join(', ');
  const pending = `${status.queue.pending} pending`;
  const text = `${state}, boot ${shortBoot(status.boot)}, seq ${status.seq}, ${pending}`;
  return printable(models === '' ? text : `${text}, ${models}`);
}

/** A time in UTC; one beyond what a calendar holds as its number. */
export function describeTime(t: number): string {
  return Math.abs(t) <= 8.64e15 ? new Date(t).toISOString() : String(t);
}

/** A range of seqs in words. */
export function describeRange([from, to]: Range): string {
  return from === to ? `seq ${from}` : `seqs ${from}-${to}`;
}

/** The beginning of a boot id, enough to tell one from another by eye. */
export function shortBoot(boot: string): string {
  return boot.slice(0, 8);
}

const ENDS: Readonly<Record<AlarmEnd, string>> = {
  model: 'its model is another',
  rule: 'its rule is another',
  removed: 'its rule, pipeline or asset is not configured any more',
  quiet: 'its asset was silent and made room for another one',
};

/** Says what a change of an alarm rests on. */
function describeCause({ prediction, reason }: AlarmRecord): string {
  if (prediction) return `rests on ${describeOutput(prediction.output)}`;
  return reason ? `since ${ENDS[reason]}` : 'without a prediction';
}
