import * as z from 'zod';
import { real } from '../../../common/core/index.ts';

const action = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower case letters, digits and underscores, beginning with a letter');

/** Part of the manifest: what each action costs where each label is true. */
export const costsSchema = z
  .strictObject({
    unit: z.string().optional().describe('What costs are counted in, such as EUR.'),
    normal: action.describe('The action that leaves things as they are: decision `normal`. Any other is an `anomaly`.'),
    actions: z
      .record(action, z.union([real(), z.record(z.string(), real())]))
      .describe(
        'By action: its cost by true label, or one number whatever is true, such as that of an inspection. The least expected cost decides; of equals the first.',
      ),
  })
  .refine(({ actions }) => Object.keys(actions).length >= 2, { message: 'needs two actions', path: ['actions'] })
  .refine(({ actions, normal }) => Object.hasOwn(actions, normal), {
    message: 'must be one of the actions',
    path: ['normal'],
  });

/** A cost matrix, with the action that counts as normal. */
export type Costs = z.output<typeof costsSchema>;

/** Says why a cost matrix does not go with a target's labels; undefined where it does. */
export function costsMismatch({ actions }: Costs, labels: readonly string[]): string | undefined {
  for (const [name, cost] of Object.entries(actions)) {
    if (typeof cost === 'number') continue;
    const missing = labels.find((label) => !Object.hasOwn(cost, label));
    if (missing !== undefined) return `${name} has no cost for ${missing}`;
    const unknown = Object.keys(cost).find((label) => !labels.includes(label));
    if (unknown !== undefined) return `${name} has a cost for ${unknown}, which is no label`;
  }
  return undefined;
}

/** The action of least expected cost, and whether it is the normal one. */
export interface Choice {
  readonly action: string;
  readonly expectedCost: number;
  readonly normal: boolean;
}

/**
 * Makes what chooses the action a of least expected cost sum_j p_j C(a, j), C(a, j) being the cost of a where label j
 * is true (Elkan 2001, The Foundations of Cost-Sensitive Learning); of equals the one that is named first.
 */
export function createChooser({ actions, normal }: Costs, labels: readonly string[]): (p: Float64Array) => Choice {
  const names = Object.keys(actions);
  const matrix = names.map((name) => Float64Array.from(labels, (label) => costOf(actions, name, label)));
  return (p) => {
    let best = 0;
    let least = Infinity;
    for (let a = 0; a < matrix.length; a += 1) {
      const costs = matrix[a] as Float64Array;
      let expected = 0;
      for (let j = 0; j < costs.length; j += 1) expected += (p[j] as number) * (costs[j] as number);
      if (expected >= least) continue;
      best = a;
      least = expected;
    }
    const chosen = names[best] ?? normal;
    return { action: chosen, expectedCost: least, normal: chosen === normal };
  };
}

/**
 * Computes the positive probability above which another action than the normal one costs less: for two actions (C10 -
 * C00) / (C10 - C00 + C01 - C11), C_ij being the cost of saying i where j is true (Elkan 2001). 1 where none ever does.
 */
export function thresholdOf({ actions, normal }: Costs, [negative, positive]: readonly [string, string]): number {
  const others = Object.keys(actions).filter((name) => name !== normal);
  const crossings = others.map((name) => {
    const dearer = costOf(actions, name, negative) - costOf(actions, normal, negative);
    const saved = costOf(actions, normal, positive) - costOf(actions, name, positive);
    if (dearer <= 0) return 0;
    return saved > 0 ? dearer / (dearer + saved) : 1;
  });
  return Math.min(...crossings);
}

function costOf(actions: Costs['actions'], action: string, label: string): number {
  const cost = actions[action];
  return typeof cost === 'object' ? (cost[label] ?? Number.NaN) : (cost ?? Number.NaN);
}
