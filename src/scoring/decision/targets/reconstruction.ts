import type { ReconstructionTarget } from '../schema/schema.ts';
import { abstain, type Interpreter } from './interpreter.ts';

/**
 * How far the model's answer is from its own input: the mean of the squared differences (mse), of the absolute ones
 * (mae), or the greatest of these (max), over all numbers as the model gets them. Beyond the threshold is an anomaly.
 * @param length numbers of the input
 */
export function reconstruction(
  { error }: Pick<ReconstructionTarget, 'error'>,
  threshold: number,
  length: number,
): Interpreter {
  return {
    widths: [length],
    suffixes: [''],
    judges: true,
    threshold,
    read(data, offset, width, summary, at, input) {
      if (input === undefined) return abstain('the input of the model is not known');
      let sum = 0;
      let greatest = 0;
      for (let i = 0; i < width; i += 1) {
        const difference = Math.abs((input[i] as number) - (data[offset + i] as number));
        sum += error === 'mse' ? difference ** 2 : difference;
        greatest = Math.max(greatest, difference);
      }
      const score = error === 'max' ? greatest : sum / width;
      if (!Number.isFinite(score)) return abstain(`the reconstruction misses its input by ${score}`);
      summary[at] = score;
      return { output: { score }, decision: score > threshold ? 'anomaly' : 'normal' };
    },
  };
}
