import { abstain, type Interpreter } from './interpreter.ts';
import type { LabelTarget } from './schema.ts';

/** Reads a label that the model names itself, by its place among those of the manifest; there are no probabilities. */
export function label({ labels }: LabelTarget): Interpreter {
  return {
    widths: [1],
    suffixes: [],
    judges: false,
    read(data, offset) {
      const name = labels[data[offset] ?? Number.NaN];
      if (name === undefined) return abstain('the model gives a label that the manifest does not have');
      return { output: { label: name }, decision: 'answer' };
    },
  };
}
