import type { LabelTarget } from '../schema/schema.ts';
import { abstain, type Interpreter } from './interpreter.ts';

/**
 * Reads a label that the model names itself; there are no probabilities.
 * @param places the labels whose places the tensor is read as: those of every target on it
 */
export function label({ labels }: LabelTarget, places: readonly string[] = labels): Interpreter {
  const known = new Set(labels);
  return {
    widths: [1],
    suffixes: [],
    judges: false,
    read(data, offset) {
      const name = places[data[offset] ?? Number.NaN];
      if (name === undefined || !known.has(name))
        return abstain('the model gives a label that the manifest does not have');
      return { output: { label: name }, decision: 'answer' };
    },
  };
}
