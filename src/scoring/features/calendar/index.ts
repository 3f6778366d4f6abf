import * as z from 'zod';
import { unknownZone } from '../errors.ts';
import { CALENDAR_FIELDS, type CalendarField, type CalendarName } from './fields.ts';
import { createZone } from './zone.ts';

export { CALENDAR_FIELDS } from './fields.ts';

const names = Object.keys(CALENDAR_FIELDS) as [CalendarName, ...CalendarName[]];
const listed = names.map((name) => `\`${name}\` (${CALENDAR_FIELDS[name].description.replace(/\.$/, '')})`).join(', ');

const entry = z.strictObject({
  of: z.enum(names).describe('Which of the features of a calendar.'),
  wave: z.enum(['sin', 'cos']).describe('`sin`: sin(2 pi x / period); `cos` the same with cos.'),
  period: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe(
      `After how much it begins again: ${names.map((name) => `${CALENDAR_FIELDS[name].period} of ${name}`).join(', ')} where it is absent.`,
    ),
});

/** Part of the manifest: what a calendar says of the end of a window. */
export const calendarSchema = z
  .strictObject({
    zone: z
      .string()
      .min(1)
      .max(64)
      .default('UTC')
      .describe('IANA zone whose clocks count, such as Europe/Berlin; with its summer time.'),
    features: z
      .array(z.union([z.enum(names), entry]))
      .min(1)
      .max(100)
      .describe(`In the order of the vector: ${listed}; or the sine or cosine of one, with \`of\` and \`wave\`.`),
  })
  .describe('What a calendar says of the end of the window (`to`); it follows the statistics in the vector.');

/** The manifest's `calendar`, parsed. */
export type CalendarSpec = z.output<typeof calendarSchema>;

/** One number of a calendar. */
export interface CalendarColumn {
  /** Such as `hour` or `hour_sin`. */
  readonly name: string;
  readonly unit: string;
  /** Computes it for an event time, ms since the epoch. */
  readonly compute: (t: number) => number;
}

/** Makes the columns of a calendar. Throws `features.unknown-zone`. */
export function createCalendar({ zone, features }: CalendarSpec): CalendarColumn[] {
  const offset = zoneOf(zone);
  return features.map((feature): CalendarColumn => {
    if (typeof feature === 'string') {
      const { unit, of }: CalendarField = CALENDAR_FIELDS[feature];
      return { name: feature, unit, compute: (t) => of(t + offset(t)) };
    }
    const field: CalendarField = CALENDAR_FIELDS[feature.of];
    const turn = (2 * Math.PI) / (feature.period ?? field.period);
    const wave = Math[feature.wave];
    return {
      name: `${feature.of}_${feature.wave}`,
      unit: '1',
      compute: (t) => wave(field.of(t + offset(t)) * turn),
    };
  });
}

function zoneOf(name: string): (t: number) => number {
  try {
    return createZone(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw unknownZone(name, 'there is no such time zone', { path: 'input.calendar.zone', cause: error });
  }
}
