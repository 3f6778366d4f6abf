import { NAME_PATTERN } from '../core/index.ts';
import { CHANNELS, type Channel } from './channels.ts';

/** The first levels of every topic, unless others are configured. */
export const DEFAULT_PREFIX = 'edgewright/v1';

/** The place of a device under the topics of its broker. */
export interface DeviceAddress {
  readonly prefix: string;
  readonly site: string;
  readonly device: string;
}

/** The topic of one channel of a device. */
export function topicOf({ prefix, site, device }: DeviceAddress, channel: Channel): string {
  return `${prefix}/${site}/${device}/${channel}`;
}

/** The filter for one channel of one device, of all devices of a site, or of all. */
export function topicFilter(prefix: string, channel: Channel, site = '+', device = '+'): string {
  return `${prefix}/${site}/${device}/${channel}`;
}

/** The address and channel of a topic; undefined where it is none of ours. */
export function parseTopic(prefix: string, topic: string): (DeviceAddress & { channel: Channel }) | undefined {
  if (!topic.startsWith(`${prefix}/`)) return undefined;
  const [site = '', device = '', ...rest] = topic.slice(prefix.length + 1).split('/');
  const channel = rest.join('/');
  if (!NAME_PATTERN.test(site) || !NAME_PATTERN.test(device) || !isChannel(channel)) return undefined;
  return { prefix, site, device, channel };
}

function isChannel(name: string): name is Channel {
  return Object.hasOwn(CHANNELS, name);
}
