import * as z from 'zod';
import { duration, size } from '../../../common/core/index.ts';
import { tlsSchema } from '../../../common/link/index.ts';
import { payloadKeys } from '../payload/schema.ts';
import { checkShape, shapeKeys, shapeOf, withUnit } from '../shapes/catalogue.ts';
import { templateProblem } from './topic.ts';

/** Configuration of a source of type mqtt. */
export const mqttSchema = z
  .strictObject({
    type: z.literal('mqtt').describe('Live readings from a broker.'),
    url: z
      .url({ protocol: /^(mqtts?|wss?)$/ })
      .optional()
      .describe('Broker, mqtt://host:port, or mqtts, ws or wss instead of mqtt; the one of the uplink where absent.'),
    tls: tlsSchema.optional(),
    version: z.enum(['auto', '5', '3.1.1']).default('auto').describe('Version of MQTT; auto tries 5, then 3.1.1.'),
    topic: z
      .string()
      .min(1)
      .max(1024)
      .superRefine((topic, context) => {
        const problem = templateProblem(topic);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      })
      .optional()
      .describe(
        'Topics with names in braces, such as factory/{line}/{asset}/{tag}: asset and tag say whose value it is, other names become attributes. $share/GROUP/ before them shares their messages with other subscribers. Without it the topics of the shape.',
      ),
    ...payloadKeys,
    ...shapeKeys,
    qos: z
      .union([z.literal(0), z.literal(1)])
      .default(1)
      .describe('With 1 the broker keeps what the gateway has not taken.'),
    clientId: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe(
        'Client id, one of its own for every gateway; made of site, device and the name of the source where absent.',
      ),
    session: duration({ most: '366d' })
      .prefault('1d')
      .describe('How long the broker keeps the session while the gateway is away.'),
    keepalive: duration({ most: '18h' }).prefault('60s').describe('Interval of MQTT pings.'),
    username: z.string().optional().describe('User name at the broker.'),
    password: z.string().optional().describe('Password at the broker; better through the environment.'),
    maxPayload: size({ most: '256MiB' })
      .prefault('1MiB')
      .describe('Longest message; a longer one is counted and left out.'),
  })
  .overwrite(withUnit)
  .superRefine((config, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (config.topic === undefined && shapeOf(config.shape)?.topic === undefined)
      issue('topic', 'is required and missing');
    checkShape(config, issue);
  });

/** The same, parsed: durations in ms, sizes in bytes. */
export type MqttConfig = z.output<typeof mqttSchema>;

/** The template of the topics that a source reads: as declared, or those of its shape. */
export function topicOf({ topic, shape }: Pick<MqttConfig, 'topic' | 'shape'>): string {
  return topic ?? shapeOf(shape)?.topic ?? '';
}
