import type { SourceDefinition } from '../source.ts';
import { type MqttConfig, mqttSchema } from './schema.ts';
import { MqttSource } from './source.ts';

/** Live readings from a broker. */
export const mqtt: SourceDefinition<MqttConfig> & { readonly schema: typeof mqttSchema } = {
  type: 'mqtt',
  schema: mqttSchema,
  traits: { replayable: undefined, canWait: false, opensIn: () => ['run'], broker: (config) => config },
  create: (config, deps) => new MqttSource(config, deps),
};
