import * as z from 'zod';
import { duration, isAssetName, MAP_KEY_PATTERN } from '../../../common/core/index.ts';
import { speedSchema } from '../pacer.ts';
import { instant } from '../time.ts';
import { faultSchema } from './faults.ts';

const MOST_SEED = 2 ** 31 - 1;

const assetName = z.string().refine(isAssetName, 'must be text of 1 to 256 bytes once it is percent-encoded');

/** Configuration of a source of type simulator. */
export const simulatorSchema = z
  .strictObject({
    type: z.literal('simulator').describe('Readings of pump rigs that are not there.'),
    assets: z
      .union([z.int().min(1).max(1000), z.array(assetName).min(1).max(1000)])
      .default(1)
      .describe('Names of the rigs, or how many: pump-1, pump-2 and so on.'),
    seed: z.int().min(-MOST_SEED).max(MOST_SEED).default(1).describe('The same seed gives the same readings.'),
    speed: speedSchema,
    start: instant().optional().describe('Event time of the first reading; the time of the start where it is absent.'),
    for: duration({ most: '366d' })
      .optional()
      .describe('Event time after which the source ends; never where it is absent.'),
    faults: z
      .record(z.string().regex(MAP_KEY_PATTERN), faultSchema)
      .default({})
      .describe('Faults that are switched on at a time, by a name of your own.'),
  })
  .superRefine((config, context) => {
    const faster = config.speed === 'max' || (typeof config.speed === 'number' && config.speed > 1);
    if (faster && config.start === undefined) {
      const message = 'faster than real time needs a start in the past, or its readings come from the future';
      context.addIssue({ code: 'custom', path: ['start'], message });
    }
  });

/** The same, parsed; durations in ms. */
export type SimulatorConfig = z.output<typeof simulatorSchema>;
