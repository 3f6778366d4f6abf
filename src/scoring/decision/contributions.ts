import type { Contribution } from '../../common/core/index.ts';

/** The most groups of which every combination is tried: 256 rows. */
export const MAX_SHAPLEY_GROUPS = 8;
/** The most groups that are hidden one by one: each is a bit of a mask. */
export const MAX_GROUPS = 30;

/** How groups are hidden: each alone, or in every combination. */
export type OcclusionMethod = 'occlusion' | 'shapley';

/**
 * Gives for each row that the model has to answer which groups are hidden, as bits: in the first row none, in the last
 * all.
 */
export function masksOf(method: OcclusionMethod, groups: number): readonly number[] {
  const all = 2 ** groups - 1;
  if (method === 'shapley') return Array.from({ length: all + 1 }, (_, mask) => mask);
  const single = Array.from({ length: groups }, (_, group) => 2 ** group);
  return groups > 1 ? [0, ...single, all] : [0, all];
}

/** Computes what each group adds to the answer; `values[i]` is the answer with `masksOf(...)[i]` hidden. */
export function contributionsOf(method: OcclusionMethod, groups: number, values: ArrayLike<number>): number[] {
  return method === 'shapley' ? shapley(groups, values) : occlusion(groups, values);
}

/**
 * v(all) - v(all but g): what the answer loses when one group alone shows the reference. Does not add up in general.
 */
function occlusion(groups: number, values: ArrayLike<number>): number[] {
  const whole = values[0] ?? Number.NaN;
  return Array.from({ length: groups }, (_, group) => whole - (values[group + 1] ?? Number.NaN));
}

/**
 * Exact Shapley values (Shapley 1953; Lundberg and Lee 2017, with a reference for what is left out):
 * sum over S without g of |S|! (n - |S| - 1)! / n! (v(S + g) - v(S)), S being the groups that show. They add up to the
 * answer less that of the reference.
 */
function shapley(groups: number, values: ArrayLike<number>): number[] {
  const all = 2 ** groups - 1;
  const weights = weightsOf(groups);
  return Array.from({ length: groups }, (_, group) => {
    const bit = 2 ** group;
    let sum = 0;
    for (let shown = 0; shown <= all; shown += 1) {
      if (shown & bit) continue;
      const weight = weights[countBits(shown)] as number;
      sum += weight * ((values[all ^ (shown | bit)] as number) - (values[all ^ shown] as number));
    }
    return sum;
  });
}

/** s! (n - s - 1)! / n! for s = 0 .. n - 1, from one to the next so that no factorial is needed. */
function weightsOf(n: number): number[] {
  const weights = [1 / n];
  for (let s = 1; s < n; s += 1) weights.push(((weights[s - 1] as number) * s) / (n - s));
  return weights;
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
}

/**
 * Computes the share of each group in the sum of squared errors of an autoencoder, each error in units of its reference
 * variance; the shares add up to 1. `groupOf[i]` is the group of column i.
 */
export function squaredErrorShares(
  groups: number,
  errors: ArrayLike<number>,
  variances: ArrayLike<number>,
  groupOf: ArrayLike<number>,
): number[] {
  const shares = new Array<number>(groups).fill(0);
  let total = 0;
  for (let i = 0; i < errors.length; i += 1) {
    const error = errors[i] as number;
    const relative = (error * error) / (variances[i] as number);
    const group = groupOf[i] as number;
    shares[group] = (shares[group] as number) + relative;
    total += relative;
  }
  return total > 0 ? shares.map((share) => share / total) : shares;
}

/** Sorts contributions by size, the greatest first; of equals the one that is declared first. */
export function ranked(sensors: readonly string[], contributions: readonly number[]): Contribution[] {
  return sensors
    .map((sensor, index) => ({ sensor, contribution: contributions[index] ?? Number.NaN }))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}
