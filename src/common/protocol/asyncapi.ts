import * as z from 'zod';
import { batchSchema } from './batch.ts';
import { commandSchema, replySchema } from './commands.ts';
import { receiptSchema } from './receipt.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';
import { statusSchema } from './status-message.ts';
import { CHANNELS, type Channel, DEFAULT_PREFIX } from './topics.ts';

type Json = Readonly<Record<string, unknown>>;

interface MessageOf {
  readonly name: string;
  readonly title: string;
  readonly contentType: string;
  readonly schema: string;
}

const MESSAGES: Readonly<Record<Channel, MessageOf>> = {
  status: { name: 'status', title: 'State of a device', contentType: 'application/json', schema: 'status' },
  records: { name: 'recordBatch', title: 'Batch of records', contentType: 'application/gzip', schema: 'recordBatch' },
  receipt: { name: 'receipt', title: 'Receipt of records', contentType: 'application/json', schema: 'receipt' },
  command: { name: 'command', title: 'Command', contentType: 'application/json', schema: 'command' },
  reply: { name: 'reply', title: 'Answer to a command', contentType: 'application/json', schema: 'reply' },
};

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
      messages: Object.fromEntries(Object.values(MESSAGES).map((message) => [message.name, messageOf(message)])),
      schemas: schemas(),
    },
  };
}

function eachChannel(make: (channel: Channel) => Json): Json {
  return Object.fromEntries((Object.keys(CHANNELS) as Channel[]).map((channel) => [channel, make(channel)]));
}

function channelOf(channel: Channel): Json {
  const { name } = MESSAGES[channel];
  return {
    address: `${DEFAULT_PREFIX}/{site}/{device}/${channel}`,
    description: CHANNELS[channel].summary,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    parameters: PARAMETERS,
  };
}

/** From where the gateway stands. */
function operationOf(channel: Channel): Json {
  const { direction, qos, retain, summary } = CHANNELS[channel];
  return {
    action: direction === 'up' ? 'send' : 'receive',
    summary,
    channel: { $ref: `#/channels/${channel}` },
    messages: [{ $ref: `#/channels/${channel}/messages/${MESSAGES[channel].name}` }],
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  };
}

function messageOf({ name, title, contentType, schema }: MessageOf): Json {
  return { name, title, contentType, payload: { $ref: `#/components/schemas/${schema}` } };
}

/** As JSON Schema draft 7, which AsyncAPI builds on; records stand once and are referred to. */
function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [type, schema] of Object.entries(RECORD_SCHEMAS)) registry.add(schema, { id: type });
  registry.add(batchSchema, { id: MESSAGES.records.schema });
  registry.add(statusSchema, { id: MESSAGES.status.schema });
  registry.add(commandSchema, { id: MESSAGES.command.schema });
  registry.add(replySchema, { id: MESSAGES.reply.schema });
  registry.add(receiptSchema, { id: MESSAGES.receipt.schema });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const made = z.toJSONSchema(registry, { target: 'draft-7', io: 'input', uri }).schemas;
  return Object.fromEntries(Object.entries(made).map(([id, { $id: _, $schema: __, ...schema }]) => [id, schema]));
}
