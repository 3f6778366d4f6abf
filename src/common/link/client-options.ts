import type { IClientOptions } from 'mqtt';
import type { Taken } from './broker-limits.ts';
import { asBuffer } from './bytes.ts';
import type { Target } from './target.ts';
import type { LinkOptions, MqttVersion, Will } from './types.ts';

/** The time, in ms, within which a connection must stand, CONNACK included. */
export const DEFAULT_CONNECT_TIMEOUT = 10_000;

/** Seconds: the most that MQTT has a field for. */
const MOST_KEEPALIVE = 65_535;

/**
 * Makes the options that leave mqtt.js a plain protocol engine: no reconnecting, no queueing, no resubscribing of its
 * own.
 */
export function clientOptions(
  target: Target,
  version: MqttVersion,
  options: LinkOptions,
  taken: Taken,
): IClientOptions {
  const username = options.username ?? target.username;
  const password = options.password ?? target.password;
  const will = options.will?.();
  return {
    clientId: options.clientId,
    clean: options.clean === 'at-close' ? version === '3.1.1' : options.clean,
    // The field has 16 bits.
    keepalive: Math.min(MOST_KEEPALIVE, options.keepalive),
    protocolVersion: version === '5' ? 5 : 4,
    manualConnect: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    // The timer that counts is the connection's own.
    connectTimeout: 2 * (options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(will === undefined ? {} : { will: willOptions(will, version, taken) }),
    ...(version === '5' ? { properties: connectProperties(options) } : {}),
  };
}

function willOptions({ topic, payload, qos, retain, delay }: Will, version: MqttVersion, taken: Taken) {
  const properties = version === '5' && delay !== undefined ? { properties: { willDelayInterval: delay } } : {};
  const form = { qos: Math.min(qos, taken.maximumQos) as 0 | 1, retain: retain && taken.retain };
  return { topic, payload: asBuffer(payload), ...form, ...properties };
}

function connectProperties({ sessionExpiry, receiveMaximum }: LinkOptions) {
  return {
    ...(sessionExpiry === undefined ? {} : { sessionExpiryInterval: sessionExpiry }),
    ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
  };
}
