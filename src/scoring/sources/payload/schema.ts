import * as z from 'zod';
import { timeKeys } from '../time.ts';

const path = (what: string) =>
  z.string().max(256).optional().describe(`${what}: dotted (a.b.0) or a JSON pointer (/a/b/0).`);

/** How JSON payloads and lines are read; without `paths` in the plain form. */
export const payloadKeys = {
  time: z.strictObject(timeKeys).prefault({}).describe('How times are read.'),
  paths: z
    .strictObject({
      readings: path('Where the readings stand inside the message: an object or an array of them'),
      asset: path("The asset's name inside a reading"),
      t: path('The time inside a reading'),
      values: path('The object of values by tag inside a reading; "." takes the reading itself'),
      tag: path("The tag's name inside a reading with one value"),
      value: path('The value inside a reading with one value'),
    })
    .optional()
    .describe('Where things stand in payloads that are not in the plain form {"asset","t","values"}.'),
};

const payloadSchema = z.strictObject(payloadKeys);
/** How payloads are read. */
export type PayloadConfig = z.output<typeof payloadSchema>;
/** Where things stand in payloads that are not in the plain form. */
export type PayloadPaths = NonNullable<PayloadConfig['paths']>;
