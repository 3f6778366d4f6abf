import * as z from 'zod';
import { size } from '../../common/core/index.ts';

/** Part of the configuration: where files of delivered bundles are, and how much room they have. */
export const deploymentSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of delivered bundles; `deployment` in the state folder if absent.'),
  max: size({ least: '1MiB', most: '1024GiB' })
    .prefault('1GiB')
    .describe('Most bytes of delivered bundles, those on their way included. A model that does not fit is refused.'),
});

/** The section `deployment` of a configuration, with its defaults. */
export type DeploymentConfig = z.output<typeof deploymentSchema>;
