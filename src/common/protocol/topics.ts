import { NAME_PATTERN } from '../core/index.ts';

export const DEFAULT_PREFIX = 'edgewright/v1';

/** What goes over the wire under a device's topic: `up` from the device, `down` to it. */
export const CHANNELS = {
  status: {
    direction: 'up',
    qos: 1,
    retain: true,
    summary: 'Birth, change and heartbeat of a device; also its will.',
  },
  records: {
    direction: 'up',
    qos: 1,
    retain: false,
    summary: 'Batches of records, alarms first.',
  },
  receipt: {
    direction: 'down',
    qos: 1,
    retain: false,
    summary: 'What a consumer has: its own confirmation, where the device asks for one.',
  },
  command: {
    direction: 'down',
    qos: 1,
    retain: false,
    summary: 'A question to a device, or the wish for records once more; never anything that changes what acts.',
  },
  reply: {
    direction: 'up',
    qos: 1,
    retain: false,
    summary: 'The answer to a command.',
  },
} as const;

export type Channel = keyof typeof CHANNELS;

export interface DeviceAddress {
  readonly prefix: string;
  readonly site: string;
  readonly device: string;
}

export function topicOf({ prefix, site, device }: DeviceAddress, channel: Channel): string {
  return `${prefix}/${site}/${device}/${channel}`;
}

/** Filter for one channel of one device, of all devices of a site, or of all. */
export function topicFilter(prefix: string, channel: Channel, site = '+', device = '+'): string {
  return `${prefix}/${site}/${device}/${channel}`;
}

export function parseTopic(prefix: string, topic: string): (DeviceAddress & { channel: Channel }) | undefined {
  if (!topic.startsWith(`${prefix}/`)) return undefined;
  const [site = '', device = '', channel = '', ...rest] = topic.slice(prefix.length + 1).split('/');
  if (rest.length > 0 || !NAME_PATTERN.test(site) || !NAME_PATTERN.test(device) || !isChannel(channel))
    return undefined;
  return { prefix, site, device, channel };
}

function isChannel(name: string): name is Channel {
  return Object.hasOwn(CHANNELS, name);
}
