import * as z from 'zod';
import { positiveReal } from '../../../common/core/index.ts';

/** A rolling bearing, as far as its defect frequencies follow from it; both diameters in one unit. */
export const bearingSchema = z
  .strictObject({
    balls: z.int().min(3).max(200).describe('Rolling elements in a row.'),
    ball: positiveReal().describe('Diameter of a rolling element.'),
    pitch: positiveReal().describe('Pitch diameter, in the same unit.'),
    angle: z.number().min(0).lt(90).default(0).describe('Contact angle, degrees.'),
  })
  .refine(({ ball, pitch }) => ball < pitch, { message: 'must be less than the pitch diameter', path: ['ball'] });

/** The geometry of a rolling bearing. */
export type Bearing = z.output<typeof bearingSchema>;

/** Ball pass of outer and inner race, ball spin, cage (FTF), and the shaft itself. */
export const DEFECTS = ['BPFO', 'BPFI', 'BSF', 'FTF', 'shaft'] as const;
/** A defect by its name. */
export type Defect = (typeof DEFECTS)[number];

/**
 * Computes a defect frequency in multiples of the shaft's, outer ring fixed (Randall and Antoni 2011, eq. 1-4), with
 * r = ball / pitch x cos(angle): BPFO n/2 (1 - r), BPFI n/2 (1 + r), FTF (1 - r)/2, BSF pitch / (2 ball) (1 - r^2).
 */
export function orderOf(defect: Defect, { balls, ball, pitch, angle }: Bearing): number {
  const r = (ball / pitch) * Math.cos((angle * Math.PI) / 180);
  switch (defect) {
    case 'BPFO':
      return (balls / 2) * (1 - r);
    case 'BPFI':
      return (balls / 2) * (1 + r);
    case 'FTF':
      return (1 - r) / 2;
    case 'BSF':
      return (pitch / (2 * ball)) * (1 - r * r);
    case 'shaft':
      return 1;
  }
}
