import { EdgewrightError } from '../../common/core/index.ts';
import { badTls, checkAddress, readTls, tlsDateProblem } from '../../common/link/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import { brokersOf, type Config, type ConfiguredBroker } from '../../device/config/index.ts';

/**
 * Checks the address and certificates of every broker: whether they fit, and are valid at `now` (ms since the epoch).
 */
export function checkTls(config: Config, now: number): Problem[] {
  return brokersOf(config).flatMap((broker) => checkBroker(broker, now));
}

function checkBroker({ path, url, tls }: ConfiguredBroker, now: number): Problem[] {
  try {
    const material = readTls(tls);
    checkAddress(url, material);
    const message = tlsDateProblem(material, now);
    if (message === undefined) return [];
    // This is a warning: the gateway runs all the same, and it may be the clock that is wrong.
    return [{ severity: 'warning', path: `${path}.tls`, code: badTls.kind.code, message, hint: HINT }];
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const { code, message, hint, path: within = 'url' } = error;
    return [{ severity: 'error', path: `${path}.${within}`, code, message, hint }];
  }
}

const HINT = 'Renew the certificate, or set the clock of this device.';
