import type { SourceBroker, SourceDefinition } from '../source.ts';
import { type MqttConfig, mqttSchema } from './schema.ts';
import { MqttSource } from './source.ts';
import { TopicTemplate } from './topic.ts';

function broker(config: MqttConfig): SourceBroker {
  const { url, version, tls, username, password, topic, qos, session } = config;
  const { filter } = new TopicTemplate(topic);
  return { url, version, tls, username, password, filter, qos, sessionExpiry: Math.round(session / 1000) };
}

/** A topic names the tag, or a payload does. */
function carriesOneTag({ topic, paths }: MqttConfig): boolean {
  return topic.includes('{tag}') || paths?.value !== undefined;
}

/** Live readings from a broker. */
export const mqtt: SourceDefinition<MqttConfig> & { readonly schema: typeof mqttSchema } = {
  type: 'mqtt',
  schema: mqttSchema,
  traits: { replayable: undefined, canWait: false, opensIn: () => ['run'], broker, carriesOneTag },
  create: (config, deps) => new MqttSource(config, deps),
};
