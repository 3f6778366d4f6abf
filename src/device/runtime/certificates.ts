import { EdgewrightError } from '../../common/core/index.ts';
import { readTls, tlsDateProblem } from '../../common/link/index.ts';
import { brokersOf, type Config } from '../config/index.ts';

/** A certificate that ends soon, or has. */
export interface CertificateWarning {
  /** Dotted path of what it is configured for. */
  readonly path: string;
  readonly message: string;
}

/**
 * Certificates of this device that end within days, or whose dates do not fit `now` (ms since the epoch). A file that
 * cannot be read is no matter of dates, and left to whoever connects with it.
 */
export function certificateWarnings(config: Pick<Config, 'uplink' | 'sources'>, now: number): CertificateWarning[] {
  return brokersOf(config).flatMap(({ path, tls }) => {
    try {
      const message = tlsDateProblem(readTls(tls), now);
      return message === undefined ? [] : [{ path: `${path}.tls`, message }];
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      return [];
    }
  });
}
