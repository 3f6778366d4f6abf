import { abstain, clamp, type Interpreter, isProbability, notAProbability, type TargetVerdict } from './interpreter.ts';
import type { ClassesTarget } from './schema.ts';

/** Softmax in place, shifted by the greatest so that nothing overflows; in double precision. */
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

/** One of several labels: the most probable one, of equals the first. */
export function classes(target: ClassesTarget): Interpreter {
  const { labels, activation } = target;
  const least = target.abstainBelow ?? 0;
  const p = new Float64Array(labels.length);

  /** Fills `p`, or says why it cannot. */
  const probabilities = (data: Float32Array, offset: number): TargetVerdict | undefined => {
    for (let i = 0; i < p.length; i += 1) {
      const raw = data[offset + i] ?? Number.NaN;
      if (!Number.isFinite(raw)) return abstain(`the model gives ${raw} for ${labels[i]}`);
      if (activation === 'none' && !isProbability(raw)) return notAProbability(raw, 'softmax');
      p[i] = activation === 'none' ? clamp(raw, 0, 1) : raw;
    }
    if (activation === 'softmax') softmax(p);
    return undefined;
  };

  return {
    widths: [labels.length],
    suffixes: labels,
    judges: false,
    read(data, offset, _width, summary, at) {
      const unusable = probabilities(data, offset);
      if (unusable !== undefined) return unusable;
      summary.set(p, at);
      let best = 0;
      const named: Record<string, number> = {};
      for (let i = 0; i < p.length; i += 1) {
        const value = p[i] ?? 0;
        named[labels[i] ?? ''] = value;
        if (value > (p[best] ?? 0)) best = i;
      }
      const label = labels[best] ?? '';
      const chosen = p[best] ?? 0;
      if (chosen < least) return abstain(`${label} has only ${chosen.toFixed(3)}, less than ${least}`);
      return { output: { label, probabilities: named }, decision: 'answer' };
    },
  };
}
