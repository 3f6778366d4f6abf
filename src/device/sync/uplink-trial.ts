import type { Connected, LinkOptions } from '../../common/link/index.ts';
import { STATUS_SCHEMA, topicOf } from '../../common/protocol/index.ts';
import { type Lacks, lacksOf } from './broker-lacks.ts';
import { connectionOptions } from './connection-options.ts';
import type { UplinkConfig } from './schema.ts';

/** What has to be tried to know whether a broker would do for an uplink. */
export interface UplinkTrial {
  /** The options of its connection, will included; but for the client id, which the running gateway may have. */
  readonly options: Omit<LinkOptions, 'clientId'>;
  /** The topics that it subscribes to, and whether it cannot do without. */
  readonly topics: readonly { readonly filter: string; readonly needed: boolean }[];
  /** Says what a broker that took the connection lacks. */
  lacks(info: Connected): Lacks;
}

/** Tells what to try. Throws `link.bad-tls`. */
export function uplinkTrial(config: UplinkConfig, { site, device }: { site: string; device: string }): UplinkTrial {
  const boot = '0'.repeat(32);
  const address = { prefix: config.prefix, site, device };
  const { clientId: _running, ...options } = connectionOptions(
    config,
    { site, device, boot },
    topicOf(address, 'status'),
    () => ({
      ...{ schema: STATUS_SCHEMA, site, device, online: false, reason: 'lost', boot, seq: 0, at: 0, clock: false },
      ...{ versions: {}, models: [], queue: { pending: 0, bytes: 0, level: 0 } },
    }),
  );
  const receipts = config.receipts === 'required';
  return {
    options,
    topics: [
      { filter: topicOf(address, 'command'), needed: false },
      ...(receipts ? [{ filter: topicOf(address, 'receipt'), needed: true }] : []),
    ],
    lacks: (info) => lacksOf(info, config),
  };
}
