import * as z from 'zod';
import { formatProblem } from './time/format.ts';
import { parseIso } from './time/iso.ts';
import { TIME_UNITS } from './time/units.ts';
import { isZone } from './time/zone.ts';

export { type TimeForm, TimeReader } from './time/reader.ts';
export { isTime, type TimeUnit } from './time/units.ts';

const MAX_FORMATS = 8;

const format = z
  .string()
  .min(1)
  .max(64)
  .superRefine((text, context) => {
    const problem = formatProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

/** The keys that say how times are written. */
export const timeKeys = {
  unit: z
    .enum(TIME_UNITS)
    .optional()
    .describe(
      'Unit of times since 1970; that of the shape where absent, ms without one. auto tells s, ms, us and ns apart where the time is between 1990 and 2100, excel is days of a spreadsheet, iso takes no numbers. Text that is not a number is read as ISO 8601.',
    ),
  zone: z
    .string()
    .max(64)
    .refine(isZone, 'must be a time zone such as Europe/Berlin, UTC+1 or UTC')
    .optional()
    .describe('Zone of times that name none, such as Europe/Berlin or UTC+1; UTC where absent.'),
  format: z
    .union([format, z.array(format).min(1).max(MAX_FORMATS)])
    .optional()
    .describe(
      'Form of times, such as dd.MM.yyyy HH:mm:ss or MM/dd/yyyy hh:mm:ss a, or several of which the first that fits is taken; no other text is a time then.',
    ),
};

/** An instant in configuration, ISO 8601; ms since the epoch in the program. */
export const instant = () =>
  z
    .string()
    .refine((text) => !Number.isNaN(parseIso(text)), 'must be a time such as 2024-05-01T06:00:00Z')
    .transform(parseIso);
