import fc from 'fast-check';
import { type OutboxRecord, type RecordType, StatusCode, type StatusName } from '../../src/common/core/index.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const time = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 0, max: 4e12, noNaN: true }));
const text = fc.string({ unit: 'binary', maxLength: 12 });
const name = fc.oneof(text, fc.constantFrom('rig_1', 'engine-7', 'a"b\\c', 'Kühler', 'line\u2028break'));
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const assetName = name.filter((one) => one !== '');
export const bootId = hex(32);

const names = Object.keys(StatusCode).filter((key): key is StatusName => Object.hasOwn(StatusCode, key));
const model = fc.record({ name, version: name, digest: hex(64), signed: fc.boolean() });
const quality = fc.record({ code: fc.constantFrom(...names), reasons: fc.array(text, { maxLength: 2 }) });
const dictionary = <T>(value: fc.Arbitrary<T>) =>
  fc.dictionary(
    name.filter((key) => key !== '__proto__'),
    value,
    { maxKeys: 4 },
  );
const target = fc.oneof(
  fc.record({ value: number }),
  fc.record({ values: fc.array(number, { maxLength: 3 }), steps: fc.array(text, { maxLength: 3 }) }),
  fc.record({ score: number }),
  fc.record({ label: name }),
  fc.record({ label: name, probabilities: dictionary(number) }),
  fc.record({ label: name, probabilities: dictionary(number), action: name, expectedCost: number }),
);
const output = fc.option(fc.oneof(target, fc.record({ outputs: dictionary(fc.option(target)) })));
const count = fc.nat();
const distribution = fc.record({
  counts: fc.array(count, { maxLength: 5 }),
  underflow: count,
  overflow: count,
  missing: count,
  n: count,
  mean: number,
  m2: number,
  min: fc.option(number),
  max: fc.option(number),
});

const answer = {
  t: time,
  pipeline: name,
  asset: assetName,
  from: time,
  to: time,
  model,
  output,
  decision: fc.constantFrom('answer' as const, 'normal' as const, 'anomaly' as const, 'abstain' as const),
  quality,
  missing: fc.array(name, { maxLength: 2 }),
  overrides: dictionary(fc.oneof(number, text, fc.boolean())),
  latencyMs: number,
};
const ANSWERED = ['t', 'pipeline', 'asset', 'from', 'to', 'model', 'output', 'decision', 'quality'] as const;

export const records: { readonly [T in RecordType]: fc.Arbitrary<Extract<OutboxRecord, { type: T }>> } = {
  prediction: fc.record({ ...answer, type: fc.constant('prediction') }, { requiredKeys: ['type', ...ANSWERED] }),
  shadow: fc.record(
    { ...answer, beside: hex(64), type: fc.constant('shadow') },
    { requiredKeys: ['type', 'beside', ...ANSWERED] },
  ),
  summary: fc.record({
    t: time,
    pipeline: name,
    asset: assetName,
    from: time,
    to: time,
    model,
    featureSpec: hex(64),
    predictions: count,
    abstained: count,
    features: dictionary(distribution),
    outputs: dictionary(distribution),
    latency: fc.record({ scale: fc.integer(), offset: fc.integer(), counts: fc.array(count), zero: count }),
    type: fc.constant('summary'),
  }),
  alarm: fc.record(
    {
      t: time,
      pipeline: name,
      asset: assetName,
      alarm: name,
      state: fc.constantFrom('raised', 'cleared', 'acknowledged', 'shelved'),
      severity: fc.constantFrom('low', 'medium', 'high', 'critical'),
      since: time,
      prediction: fc.record({ from: time, to: time, output }),
      contributions: fc.array(fc.record({ sensor: name, contribution: number }), { maxLength: 3 }),
      explained: fc.record(
        {
          method: fc.constantFrom('occlusion', 'shapley', 'squared_error'),
          of: name,
          value: number,
          reference: number,
        },
        { requiredKeys: ['method', 'of', 'value'] },
      ),
      type: fc.constant('alarm'),
    },
    { requiredKeys: ['type', 't', 'pipeline', 'asset', 'alarm', 'state', 'severity', 'since', 'prediction'] },
  ),
  loss: fc.record({
    t: time,
    boot: bootId,
    first: fc.integer({ min: 1, max: 1000 }),
    last: fc.integer({ min: 1000, max: 2000 }),
    from: time,
    to: time,
    cause: fc.constantFrom('outbox-full', 'disk-stalled', 'unreadable', 'too-large'),
    counts: fc.array(fc.record({ pipeline: name, type: fc.constantFrom('prediction', 'summary'), dropped: count })),
    type: fc.constant('loss'),
  }),
  event: fc.record({
    t: time,
    event: fc.constantFrom('start', 'stop', 'clock-step', 'config', 'model-failed', 'identity-conflict'),
    detail: dictionary(fc.oneof(number, text, fc.constant(null))),
    type: fc.constant('event'),
  }),
};

export const anyRecord: fc.Arbitrary<OutboxRecord> = fc.oneof(...Object.values(records));
