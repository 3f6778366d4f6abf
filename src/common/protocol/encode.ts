import type {
  ModelIdentity,
  OutboxRecord,
  Output,
  PredictionRecord,
  QualityRecord,
  TargetOutput,
} from '../core/index.ts';

/** Characters that stand for themselves in a JSON string. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** Parts that many records share, by the object that they come from: identities and overrides are never changed. */
const shared = new WeakMap<object, string>();

/**
 * The JSON text of a record, beginning with `{"type":`, without `seq` and `clock`. Predictions, the hot path, are
 * put together by hand: half the time of JSON.stringify. What is not finite becomes null, as in JSON.stringify.
 */
export function encodeRecord(record: OutboxRecord): string {
  if (record.type === 'prediction') return encodePrediction(record);
  const { type, ...rest } = record;
  return JSON.stringify({ type, ...rest });
}

function encodePrediction(record: PredictionRecord): string {
  let text = `{"type":"prediction","t":${number(record.t)},"pipeline":${quote(record.pipeline)},"asset":${quote(
    record.asset,
  )},"from":${number(record.from)},"to":${number(record.to)},"model":${encodeShared(record.model)},"output":${
    record.output === null ? 'null' : encodeOutput(record.output)
  },"decision":"${record.decision}","quality":${encodeQuality(record.quality)}`;
  if (record.missing !== undefined) text += `,"missing":${JSON.stringify(record.missing)}`;
  if (record.overrides !== undefined) text += `,"overrides":${encodeShared(record.overrides)}`;
  if (record.latencyMs !== undefined) text += `,"latencyMs":${number(record.latencyMs)}`;
  return `${text}}`;
}

function number(value: number): string {
  return Number.isFinite(value) ? `${value}` : 'null';
}

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function encodeShared(part: ModelIdentity | Readonly<Record<string, unknown>>): string {
  let text = shared.get(part);
  if (text === undefined) {
    text = JSON.stringify(part);
    shared.set(part, text);
  }
  return text;
}

function encodeQuality({ code, reasons }: QualityRecord): string {
  return reasons.length === 0 ? `{"code":"${code}","reasons":[]}` : JSON.stringify({ code, reasons });
}

function encodeOutput(output: Output): string {
  if (!('outputs' in output)) return encodeTarget(output);
  let text = '';
  for (const name in output.outputs) {
    const target = output.outputs[name];
    text += `${text === '' ? '' : ','}${quote(name)}:${target ? encodeTarget(target) : 'null'}`;
  }
  return `{"outputs":{${text}}}`;
}

function encodeTarget(output: TargetOutput): string {
  if ('value' in output) return `{"value":${number(output.value)}}`;
  if ('values' in output)
    return `{"values":[${output.values.map(number).join(',')}],"steps":${encodeSteps(output.steps)}}`;
  if ('score' in output) return `{"score":${number(output.score)}}`;
  if (output.probabilities === undefined) return `{"label":${quote(output.label)}}`;
  let text = '';
  for (const label in output.probabilities) {
    text += `${text === '' ? '' : ','}${quote(label)}:${number(output.probabilities[label] ?? Number.NaN)}`;
  }
  const { action, expectedCost = Number.NaN } = output;
  const choice = action === undefined ? '' : `,"action":${quote(action)},"expectedCost":${number(expectedCost)}`;
  return `{"label":${quote(output.label)},"probabilities":{${text}}${choice}}`;
}

/** The steps are the same in every answer of a target. */
function encodeSteps(steps: readonly string[]): string {
  let text = shared.get(steps);
  if (text === undefined) {
    text = JSON.stringify(steps);
    shared.set(steps, text);
  }
  return text;
}
