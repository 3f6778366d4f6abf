import * as z from 'zod';
import { timeKeys } from '../time.ts';
import { pathsProblems } from './declared.ts';

const path = (what: string) =>
  z
    .string()
    .max(256)
    .optional()
    .describe(
      `${what}: dotted (a.b.0) or a JSON pointer (/a/b/0); * is each member, $.a stands in the message, $1 is the name at the first * of readings.`,
    );

/** How JSON payloads and lines are read; without `paths` in the plain form. */
export const payloadKeys = {
  time: z.strictObject(timeKeys).prefault({}).describe('How times are read.'),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe(
      'Decimal mark of numbers that come as text; a point where absent. A number with the other one is refused.',
    ),
  paths: z
    .strictObject({
      readings: path('Where the readings stand inside the message: an object or an array of them'),
      asset: path("The asset's name inside a reading"),
      t: path('The time inside a reading'),
      values: path(
        'The object of values by tag inside a reading; "." takes the reading itself, a * the values there by name, ** at the end all below',
      ),
      tag: path("The tag's name inside a reading with one value; with a * the names of the values, in their order"),
      value: path('The value inside a reading with one value'),
    })
    .superRefine((paths, context) => {
      for (const { key, message } of pathsProblems(paths)) context.addIssue({ code: 'custom', path: [key], message });
    })
    .optional()
    .describe('Where things stand in payloads that are not in the plain form {"asset","t","values"}.'),
};

const payloadSchema = z.strictObject(payloadKeys);
/** How payloads are read. */
export type PayloadConfig = z.output<typeof payloadSchema>;
