import { type LinkOptions, readTls } from '../../common/link/index.ts';
import { type BatchIdentity, encodeStatus, type StatusMessage } from '../../common/protocol/index.ts';
import type { UplinkConfig } from './schema.ts';

/** Seconds that the broker keeps the session, so that it can hold back the will. */
const SESSION_EXPIRY = 24 * 3600;
/** Seconds; a connection that comes back within them was never away, as far as others see (MQTT 5). */
const WILL_DELAY = 10;
/** Most bytes of a message on a topic without a bound of its own; every channel has one. */
const MAX_INCOMING_BYTES = 64 * 1024;

/**
 * Makes the options of the uplink's connection: one client id and one session for all its starts. Throws
 * `link.bad-tls`.
 */
export function connectionOptions(
  config: UplinkConfig,
  { site, device }: BatchIdentity,
  statusTopic: string,
  will: () => StatusMessage,
): LinkOptions {
  const { url, version, username, password } = config;
  return {
    url,
    version,
    tls: readTls(config.tls),
    clientId: config.clientId ?? `edgewright-${site}-${device}`,
    clean: false,
    sessionExpiry: SESSION_EXPIRY,
    keepalive: Math.max(1, Math.round(config.keepalive / 1000)),
    maxIncomingBytes: MAX_INCOMING_BYTES,
    will: () => ({ topic: statusTopic, payload: encodeStatus(will()), qos: 1, retain: true, delay: WILL_DELAY }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
