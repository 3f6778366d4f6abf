import * as z from 'zod';
import { CHANNELS, type Channel, type ChannelDefinition } from './channels.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';
import { DEFAULT_PREFIX } from './topics.ts';

type Json = Readonly<Record<string, unknown>>;

type MessageDefinition = ChannelDefinition['message'];

const PARAMETERS: Readonly<Record<string, Json>> = {
  site: { description: 'Plant or site.' },
  device: { description: 'Gateway within the site.' },
};

/** The AsyncAPI 3 document of everything on the wire, from the same schemas that the program checks with. */
export function asyncApiDocument(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Edgewright',
      version: '1',
      description:
        'What a gateway says over MQTT, and what it is told. Names stay; fields may be added: consumers ignore what they do not know.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: eachChannel((channel) => channelOf(channel)),
    operations: eachChannel((channel) => operationOf(channel)),
    components: {
      messages: Object.fromEntries(Object.values(CHANNELS).map(({ message }) => [message.name, messageOf(message)])),
      schemas: schemas(),
    },
  };
}

function eachChannel(make: (channel: Channel) => Json): Json {
  return Object.fromEntries((Object.keys(CHANNELS) as Channel[]).map((channel) => [channel, make(channel)]));
}

function channelOf(channel: Channel): Json {
  const { message, summary } = CHANNELS[channel];
  return {
    address: `${DEFAULT_PREFIX}/{site}/{device}/${channel}`,
    description: summary,
    messages: { [message.name]: { $ref: `#/components/messages/${message.name}` } },
    parameters: PARAMETERS,
  };
}

/** An operation as the gateway sees it: it sends what goes up, and receives what comes down. */
function operationOf(channel: Channel): Json {
  const { direction, qos, retain, summary, message } = CHANNELS[channel];
  // A slash in a name is `~1` in a JSON pointer (RFC 6901).
  const pointer = `#/channels/${channel.replaceAll('/', '~1')}`;
  return {
    action: direction === 'up' ? 'send' : 'receive',
    summary,
    channel: { $ref: pointer },
    messages: [{ $ref: `${pointer}/messages/${message.name}` }],
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  };
}

function messageOf({ name, title, contentType }: MessageDefinition): Json {
  return { name, title, contentType, payload: { $ref: `#/components/schemas/${name}` } };
}

/** The schemas in JSON Schema draft 7, which AsyncAPI builds on; each record stands once and is referred to. */
function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [type, schema] of Object.entries(RECORD_SCHEMAS)) registry.add(schema, { id: type });
  for (const { message } of Object.values(CHANNELS)) registry.add(message.schema, { id: message.name });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const made = z.toJSONSchema(registry, { target: 'draft-7', io: 'input', uri }).schemas;
  return Object.fromEntries(Object.entries(made).map(([id, { $id: _, $schema: __, ...schema }]) => [id, schema]));
}
