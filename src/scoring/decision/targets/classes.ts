import type { Numbers } from '../../../common/core/index.ts';
import { logProbability } from '../schema/calibration.ts';
import { clamp } from '../schema/clamp.ts';
import { type Costs, createChooser } from '../schema/costs.ts';
import type { ClassesTarget } from '../schema/schema.ts';
import {
  abstain,
  type Interpreter,
  isProbability,
  notAProbability,
  notProbabilities,
  SUM_SLACK,
  type TargetVerdict,
} from './interpreter.ts';

/** Applies softmax in place, in double precision, shifted by the greatest so that nothing overflows. */
function softmax(values: Float64Array): void {
  let greatest = -Infinity;
  for (const value of values) if (value > greatest) greatest = value;
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) {
    const e = Math.exp((values[i] ?? 0) - greatest);
    values[i] = e;
    sum += e;
  }
  for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) / sum;
}

/** Reads the labels' probabilities into `p`, or says why it cannot. */
function readProbabilities(
  { labels, activation, calibration }: ClassesTarget,
  data: Numbers,
  offset: number,
  p: Float64Array,
): TargetVerdict | undefined {
  const plain = activation === 'none';
  let sum = 0;
  for (let i = 0; i < p.length; i += 1) {
    const raw = data[offset + i] ?? Number.NaN;
    if (!Number.isFinite(raw)) return abstain(`the model gives ${raw} for ${labels[i]}`);
    if (plain && !isProbability(raw)) return notAProbability(raw);
    p[i] = plain ? clamp(raw, 0, 1) : raw;
    sum += raw;
  }
  if (plain && Math.abs(sum - 1) > SUM_SLACK) return notProbabilities(sum);
  if (calibration) cool(p, plain, calibration.temperature);
  if (!plain || calibration) softmax(p);
  return undefined;
}

/** Divides logits by the temperature; of probabilities, the logits that they would have had. */
function cool(p: Float64Array, plain: boolean, temperature: number): void {
  for (let i = 0; i < p.length; i += 1) p[i] = (plain ? logProbability(p[i] ?? 0) : (p[i] ?? 0)) / temperature;
}

/**
 * One of several labels: the most probable one, of equals the first. With costs also the action that costs least, which
 * may go with another label, and a decision.
 */
export function classes(target: ClassesTarget, costs: Costs | undefined = target.costs): Interpreter {
  const { labels } = target;
  const least = target.abstainBelow ?? 0;
  const p = new Float64Array(labels.length);
  const choose = costs && createChooser(costs, labels);

  return {
    widths: [labels.length],
    suffixes: labels,
    judges: choose !== undefined,
    read(data, offset, _width, summary, at) {
      const unusable = readProbabilities(target, data, offset, p);
      if (unusable !== undefined) return unusable;
      summary.set(p, at);
      let best = 0;
      const probabilities: Record<string, number> = {};
      for (let i = 0; i < p.length; i += 1) {
        const value = p[i] ?? 0;
        probabilities[labels[i] ?? ''] = value;
        if (value > (p[best] ?? 0)) best = i;
      }
      const label = labels[best] ?? '';
      const chosen = p[best] ?? 0;
      if (chosen < least) return abstain(`${label} has only ${chosen.toFixed(3)}, less than ${least}`);
      const choice = choose?.(p);
      if (choice === undefined) return { output: { label, probabilities }, decision: 'answer' };
      const { action, expectedCost, normal } = choice;
      return { output: { label, probabilities, action, expectedCost }, decision: normal ? 'normal' : 'anomaly' };
    },
  };
}
