import type { Datatype, GoldenCases, OipTensor } from '../../src/common/core/index.ts';

type GoldenCase = GoldenCases['cases'][number];
type Side = keyof GoldenCase;

const edited =
  (side: Side, change: Partial<OipTensor>) =>
  (first: GoldenCase): GoldenCase => ({
    ...first,
    [side]: first[side].map((tensor) => ({ ...tensor, ...change })),
  });
const named = (side: Side, name: string) => edited(side, { name });
const typed = (side: Side, datatype: Datatype) => edited(side, { datatype });
const shaped = (shape: readonly number[]) => edited('inputs', { shape });

/** What can be wrong with a golden case of `mlp`, how the first is changed to it, and what is said. */
export const MISFITS: readonly (readonly [what: string, change: (first: GoldenCase) => GoldenCase, says: string])[] = [
  ['a name that no input has', named('inputs', 'X'), 'the model has no input X; its inputs: x'],
  ['a name that no output has', named('outputs', 'z'), 'the model has no output z; its outputs: y'],
  ['no input', (first) => ({ ...first, inputs: [] }), "the input x is missing; the model's inputs: x, given: none"],
  ['another datatype of an input', typed('inputs', 'FP64'), 'input x is FP64, in the model it is FP32'],
  ['another datatype of an output', typed('outputs', 'FP64'), 'output y is FP64, in the model it is FP32'],
  ['less data than its shape has', shaped([99, 8]), 'x: shape [99,8] has 792 elements'],
  ['a shape that the model does not take', shaped([2, 4]), 'nvalid dimensions for input: x'],
];

export function withFirstCase(golden: GoldenCases, change: (first: GoldenCase) => GoldenCase): GoldenCases {
  return { ...golden, cases: golden.cases.map((test, index) => (index === 0 ? change(test) : test)) };
}
