import * as z from 'zod';
import { defineCommand } from './command-definition.ts';
import { assetName, contributions, explained, time } from './fields.ts';

/** `explain`: what the last answer of a pipeline about an asset rests on. */
export const explainCommand = defineCommand({
  name: 'explain',
  asks: 'Asks which sensors the last answer about an asset rests on.',
  request: { pipeline: z.string(), asset: assetName() },
  reply: {
    explanation: z.object({
      from: time('Beginning of the window'),
      to: time('End of the window'),
      contributions,
      explained,
    }),
  },
});
