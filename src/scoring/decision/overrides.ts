import { type Costs, costsMismatch } from './schema/costs.ts';
import { unknownOverride } from './schema/errors.ts';
import type { Target } from './schema/schema.ts';

/** What the configuration has in place of the manifest's thresholds and costs, by target. */
export interface DecisionOverrides {
  readonly threshold?: Readonly<Record<string, number>> | undefined;
  readonly costs?: Readonly<Record<string, Costs>> | undefined;
}

/** Throws `decision.unknown-override` where an override has nothing to take the place of. */
export function checkOverrides(targets: Readonly<Record<string, Target>>, overrides: DecisionOverrides): void {
  for (const [name, threshold] of Object.entries(overrides.threshold ?? {})) {
    const path = `overrides.threshold.${name}`;
    const target = targetOf(targets, name, path);
    if (target.kind !== 'score' && target.kind !== 'binary' && target.kind !== 'reconstruction') {
      throw unknownOverride(path, `the target is of kind ${target.kind}, which has no threshold`, { path });
    }
    if ('costs' in target && target.costs !== undefined) {
      throw unknownOverride(path, 'the target decides by costs and has no threshold', {
        path,
        hint: `Override its costs under overrides.costs.${name}.`,
      });
    }
    if (!Number.isFinite(threshold)) throw unknownOverride(path, `${threshold} is not a number`, { path });
  }
  for (const [name, costs] of Object.entries(overrides.costs ?? {})) {
    const path = `overrides.costs.${name}`;
    const reason = costsRefusal(targetOf(targets, name, path), costs);
    if (reason !== undefined) throw unknownOverride(path, reason, { path });
    if (overrides.threshold && Object.hasOwn(overrides.threshold, name)) {
      throw unknownOverride(path, 'the target has a threshold and costs; only one of them can decide', { path });
    }
  }
}

function targetOf(targets: Readonly<Record<string, Target>>, name: string, path: string): Target {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (target !== undefined) return target;
  throw unknownOverride(path, `no such target; the model has ${Object.keys(targets).join(', ')}`, { path });
}

function costsRefusal(target: Target, costs: Costs): string | undefined {
  if (target.kind !== 'binary' && target.kind !== 'classes') {
    return `the target is of kind ${target.kind}, which has no probabilities to weigh costs by`;
  }
  if (target.abstainBelow !== undefined) return 'the target abstains below a probability; costs cannot be beside it';
  return costsMismatch(costs, target.labels);
}
