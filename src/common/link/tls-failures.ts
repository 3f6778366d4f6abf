import { type EdgewrightError, reasonOf } from '../core/index.ts';
import { tlsFailed } from './errors.ts';

interface Meaning {
  readonly reason: string;
  readonly hint: string;
}

const CLOCK = 'Set the clock of this device (timedatectl, or NTP in the plant); it connects by itself then.';
const OURS = 'Look at uplink.tls.cert and key (or those of the source), and at what the broker’s own log says of them.';
const CA = 'Give the CA that signed the broker’s certificate as tls.ca.';

/** What to do about alerts that are not about our certificate. */
const HINTS: Readonly<Record<string, string>> = {
  'no application protocol':
    'Give the protocol that the broker expects as tls.alpn (mqtt, x-amzn-mqtt-ca), or take it out.',
  'unrecognized name': 'Give the name by which the broker knows itself as tls.serverName.',
};

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
  UNABLE_TO_GET_ISSUER_CERT: () => ({
    reason: 'the chain of the broker’s certificate does not end at a root that is known here',
    hint: 'Add the root to tls.ca: an intermediate alone is not enough.',
  }),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => ({ reason: 'the CA of the broker is not known here', hint: CA }),
  ERR_TLS_CERT_ALTNAME_INVALID: () => ({
    reason: 'the certificate of the broker is for another name',
    hint: 'Use the name that the certificate has, in the url or as tls.serverName, or have one made for this name or address.',
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
  const said = alertIn(code, cause);
  if (said === undefined) return undefined;
  return tlsFailed(broker, `the broker refuses this client in TLS: ${said}`, { cause, hint: HINTS[said] ?? OURS });
}

/** The alert that the other side ended TLS with; one that comes while we write is in the text of the failure alone. */
function alertIn(code: string, cause: unknown): string | undefined {
  const named = /^ERR_SSL_.*ALERT_(.+)$/.exec(code)?.[1];
  if (named !== undefined) return named.toLowerCase().replaceAll('_', ' ');
  return code === 'EPROTO' ? /:SSL routines:.* alert ([a-z ]+):/.exec(reasonOf(cause))?.[1] : undefined;
}
