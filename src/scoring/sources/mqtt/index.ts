import { splitFilter } from '../../../common/link/index.ts';
import type { SourceBroker, SourceDefinition } from '../source.ts';
import { type MqttConfig, mqttSchema, topicOf } from './schema.ts';
import { MqttSource } from './source.ts';
import { TopicTemplate } from './topic.ts';

/** The group of shared subscriptions in which a check asks, never a gateway. */
const TRIAL_GROUP = 'edgewright-check';

function broker(config: MqttConfig): SourceBroker {
  const { url, version, tls, username, password, qos, session } = config;
  const filter = trialFilter(new TopicTemplate(topicOf(config)).filter);
  return { url, version, tls, username, password, filter, qos, sessionExpiry: Math.round(session / 1000) };
}

/** A topic names the tag, or a payload does. */
function carriesOneTag(config: MqttConfig): boolean {
  return topicOf(config).includes('{tag}') || config.paths?.value !== undefined;
}

/** The filter for a subscription that takes no message from others: shared topics in a group of its own. */
function trialFilter(asked: string): string {
  const { prefix, filter } = splitFilter(asked);
  return prefix.startsWith('$share/') ? `$share/${TRIAL_GROUP}/${filter}` : filter;
}

/** Live readings from a broker. */
export const mqtt: SourceDefinition<MqttConfig> & { readonly schema: typeof mqttSchema } = {
  type: 'mqtt',
  schema: mqttSchema,
  traits: { replayable: undefined, canWait: false, opensIn: () => ['run'], broker, carriesOneTag },
  create: (config, deps) => new MqttSource(config, deps),
};
