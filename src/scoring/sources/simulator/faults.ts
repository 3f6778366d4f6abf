import * as z from 'zod';
import { duration } from '../../../common/core/index.ts';
import type { FaultLevels } from './physics.ts';
import { RIG_TAG_NAMES, type RigTag } from './tags.ts';

/** Faults that a rig can have. */
export const FAULTS = ['bearing-wear', 'cavitation', 'leak', 'stuck-sensor'] as const;
/** A fault by its name. */
export type FaultName = (typeof FAULTS)[number];

/** How long each fault takes from its beginning to its full severity, ms. */
const GROWTH: Readonly<Record<FaultName, number>> = {
  'bearing-wear': 60e3,
  cavitation: 2e3,
  leak: 5e3,
  'stuck-sensor': 0,
};

/** A fault of the configuration: what breaks, when, and how badly. */
export const faultSchema = z
  .strictObject({
    fault: z.enum(FAULTS).describe('What breaks.'),
    asset: z.string().min(1).optional().describe('The rig that it befalls; all of them where it is absent.'),
    tag: z.enum(RIG_TAG_NAMES).optional().describe('The sensor that sticks; only with stuck-sensor.'),
    at: duration({ most: '366d' }).prefault('0s').describe('When it begins, in event time after the start.'),
    for: duration({ most: '366d' }).optional().describe('How long it lasts; for ever where it is absent.'),
    severity: z.number().min(0).max(1).default(1).describe('How bad it becomes, 0 to 1.'),
    growth: duration({ most: '366d' }).optional().describe('Time from its beginning to its full severity.'),
  })
  .refine((fault) => (fault.fault === 'stuck-sensor') === (fault.tag !== undefined), {
    message: 'stuck-sensor needs a tag, and only that fault takes one',
    path: ['tag'],
  });

/** A fault of one rig: times in ms of event time after the rig's start. */
export interface RigFault {
  readonly fault: FaultName;
  readonly tag?: RigTag | undefined;
  readonly at: number;
  readonly for?: number | undefined;
  readonly severity?: number | undefined;
  readonly growth?: number | undefined;
}

/** Severity at `elapsed` ms after the rig's start: grows linearly, then holds until the fault is over. */
export function faultLevel(fault: RigFault, elapsed: number): number {
  const age = elapsed - fault.at;
  if (age < 0 || age >= (fault.for ?? Number.POSITIVE_INFINITY)) return 0;
  const growth = fault.growth ?? GROWTH[fault.fault];
  return (fault.severity ?? 1) * (growth > 0 ? Math.min(1, age / growth) : 1);
}

/** Writes the levels at `elapsed` into `levels`; of two faults of one kind the worse counts. */
export function faultLevels(faults: Iterable<RigFault>, elapsed: number, levels: FaultLevels): void {
  levels.wear = levels.cavitation = levels.leak = 0;
  levels.stuck.clear();
  for (const fault of faults) {
    const level = faultLevel(fault, elapsed);
    if (level === 0) continue;
    if (fault.fault === 'bearing-wear') levels.wear = Math.max(levels.wear, level);
    else if (fault.fault === 'cavitation') levels.cavitation = Math.max(levels.cavitation, level);
    else if (fault.fault === 'leak') levels.leak = Math.max(levels.leak, level);
    else if (fault.tag !== undefined) levels.stuck.add(fault.tag);
  }
}
