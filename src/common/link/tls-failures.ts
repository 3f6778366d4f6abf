import type { EdgewrightError } from '../core/index.ts';
import { tlsFailed } from './errors.ts';

interface Meaning {
  readonly reason: string;
  readonly hint: string;
}

const CLOCK = 'Set the clock of this device (timedatectl, or NTP in the plant); it connects by itself then.';
const OURS = 'Look at uplink.tls.cert and key (or those of the source), and at what the broker’s own log says of them.';
const CA = 'Give the CA that signed the broker’s certificate as tls.ca.';

/** What is wrong with the broker's certificate in words, by OpenSSL's name for it. */
const BROKER: Readonly<Record<string, (now: string) => Meaning>> = {
  CERT_NOT_YET_VALID: (now) => ({
    reason: `the broker's certificate is not yet valid by the clock of this device, which says ${now}`,
    hint: CLOCK,
  }),
  CERT_HAS_EXPIRED: (now) => ({
    reason: `the broker's certificate has expired by the clock of this device, which says ${now}`,
    hint: `Renew it at the broker. If the time is wrong: ${CLOCK}`,
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: () => ({ reason: 'the broker signed its certificate itself', hint: CA }),
  SELF_SIGNED_CERT_IN_CHAIN: () => ({ reason: 'the CA of the broker is not known here', hint: CA }),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => ({ reason: 'the CA of the broker is not known here', hint: CA }),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => ({ reason: 'the CA of the broker is not known here', hint: CA }),
  ERR_TLS_CERT_ALTNAME_INVALID: () => ({
    reason: 'the certificate of the broker is for another name',
    hint: 'Use the name in the url that the certificate has, or have one made for this name or address.',
  }),
  ERR_SSL_WRONG_VERSION_NUMBER: () => ({
    reason: 'what answers there speaks no TLS',
    hint: 'Use the port of the broker that has TLS, 8883 or 443 as a rule, or mqtt:// and ws:// without TLS.',
  }),
};

/** The error for a failure of TLS; undefined for one that has nothing to do with TLS. `now` is ms since the epoch. */
export function tlsFailure(
  broker: string,
  code: string,
  cause: unknown,
  now: number = Date.now(),
): EdgewrightError | undefined {
  const known = BROKER[code]?.(new Date(now).toISOString());
  if (known !== undefined) return tlsFailed(broker, known.reason, { cause, hint: known.hint });
  const alert = /^ERR_SSL_.*ALERT_(.+)$/.exec(code)?.[1];
  if (alert === undefined) return undefined;
  const said = alert.toLowerCase().replaceAll('_', ' ');
  return tlsFailed(broker, `the broker refuses this client in TLS: ${said}`, { cause, hint: OURS });
}
