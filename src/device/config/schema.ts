import * as z from 'zod';
import { duration, jsonSchemaOf, MAP_KEY_PATTERN, NAME_PATTERN } from '../../common/core/index.ts';
import { inferenceSchema } from '../../scoring/inference/index.ts';
import { assetsSchema, pipelinesSchema } from '../../scoring/pipeline/index.ts';
import { sourceSchema } from '../../scoring/sources/index.ts';
import { outboxSchema } from '../../storage/outbox/index.ts';
import { uplinkSchema } from '../sync/index.ts';

const name = z.string().regex(NAME_PATTERN, 'must be 1 to 64 letters, digits, dots, underscores or hyphens');
const mapKey = z.string().regex(MAP_KEY_PATTERN, 'must be lower case letters, digits and single underscores');

const httpSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on; loopback unless you know why.'),
  port: z.int().min(0).max(65535).default(8460).describe('TCP port; 0 takes a free one.'),
  tokenFile: z
    .string()
    .optional()
    .describe(
      'File with the token that /api asks for. Where it is absent a random one is written to http-token in the state folder.',
    ),
});

const timeSchema = z.strictObject({
  tolerance: duration({ most: '366d' })
    .prefault('5m')
    .describe('A reading further in the future than this is refused while the clock is trusted.'),
});

/**
 * The whole configuration, composed of what each room declares. Each part says how a change of it applies: what is read
 * once, when the gateway is built, needs a restart.
 */
export const configSchema = z.strictObject({
  site: name.describe('Name of the plant or site; first level of every topic.').meta({ applies: 'restart' }),
  device: name.describe('Name of this gateway within the site.').meta({ applies: 'restart' }),
  http: httpSchema
    .prefault({})
    .describe('The gateway’s own HTTP server: /healthz, /readyz, /api/status.')
    .meta({ applies: 'restart' }),
  time: timeSchema.prefault({}).describe('What is believed of time stamps.').meta({ applies: 'restart' }),
  sources: z.record(mapKey, sourceSchema).describe('Ways in, by name.').meta({ applies: 'source' }),
  assets: assetsSchema
    .default({})
    .describe('What is known of the machines: attributes, and per tag unit, scale and range.')
    .meta({ applies: 'pipeline' }),
  pipelines: pipelinesSchema.describe('What is scored with which model, by name.').meta({ applies: 'pipeline' }),
  inference: inferenceSchema.prefault({}).describe('The engine and its workers.').meta({ applies: 'restart' }),
  outbox: outboxSchema
    .prefault({})
    .describe('What is stored on the device until it is confirmed.')
    .meta({ applies: 'restart' }),
  state: z
    .strictObject({ path: z.string().optional().describe('Folder of control data; the outbox’s where it is absent.') })
    .prefault({})
    .describe('Control data of the gateway.')
    .meta({ applies: 'restart' }),
  uplink: uplinkSchema
    .optional()
    .describe('The broker that records go to. Without it they stay in the outbox.')
    .meta({ applies: 'restart' }),
  trust: z
    .strictObject({
      root: z
        .string()
        .optional()
        .describe(
          'File of the root: every model has to be signed by a key that it allows to. Without it models may be unsigned.',
        ),
    })
    .prefault({})
    .describe('Who may change what acts.')
    .meta({ applies: 'restart' }),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is written.'),
    })
    .prefault({})
    .describe('Logs, on stderr.')
    .meta({ applies: 'live' }),
});

/** The configuration as the schema gives it: defaults filled in, durations in ms, sizes in bytes. */
export type ConfigData = z.output<typeof configSchema>;

/** JSON Schema of the file as a person writes it, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return { ...jsonSchemaOf(configSchema, ['applies']), title: 'Edgewright gateway configuration' };
}
