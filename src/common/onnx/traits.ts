import type { ValueInfo } from './value-info.ts';

/** Way in which a model is quantized, in the words of ONNX Runtime's tools. */
export type Quantization = 'none' | 'qdq' | 'qoperator' | 'dynamic' | 'weight-only';

type Ops = ReadonlyMap<string, number>;

const dynamic = /^DynamicQuantize/;
const integer = /^(QLinear|QGemm$|QAttention$|QMoE$|QEmbed|QOrdered|(MatMul|Conv)Integer)/;
const weightOnly = /^(DequantizeLinear$|MatMulNBits$|MatMulBnb4$|GatherBlockQuantized$)/;
const random = /^(RandomNormal|RandomUniform|Multinomial$|Bernoulli$)/;

const matching = (ops: Ops, pattern: RegExp) => [...ops.keys()].filter((op) => pattern.test(op));

/**
 * Recognizes a model's quantization by its operators; of several ways, it is the one that says most about running it.
 */
export function quantizationOf(ops: Ops): Quantization {
  if (matching(ops, dynamic).length > 0) return 'dynamic';
  if (matching(ops, integer).length > 0) return 'qoperator';
  if (ops.has('QuantizeLinear')) return 'qdq';
  return matching(ops, weightOnly).length > 0 ? 'weight-only' : 'none';
}

/**
 * Lists the reasons in the file why rows may not be put into one batch. Where there are none, a run has still to show
 * that a batch answers as its rows do alone.
 */
export function batchHazardsOf(ops: Ops, inputs: readonly ValueInfo[]): string[] {
  const fixed = inputs.filter(({ shape }) => shape !== undefined && shape[0] !== -1);
  return [
    ...matching(ops, dynamic).map((op) => `${op}: its scale spans the batch`),
    ...matching(ops, random).map((op) => `${op}: its answer depends on chance`),
    ...fixed.map(({ name, shape }) => `input ${name}: its first dimension is ${shape?.[0] ?? 'absent'}, not free`),
  ];
}
