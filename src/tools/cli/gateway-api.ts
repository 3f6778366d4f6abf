import { reasonOf } from '../../common/core/index.ts';
import { httpUrl, readToken } from '../../common/http/index.ts';
import { type Config, tokenFileOf } from '../../device/config/index.ts';
import { notRunning, refused } from './errors.ts';
import type { Io } from './io.ts';

const TIMEOUT_MS = 5_000;
const ANY_PORT = 'With http.port 0 only the `ready` line of `run` tells the port: give it in EDGEWRIGHT__HTTP__PORT.';

/** How a gateway is asked: GET, and for so long, unless said otherwise. */
export interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly timeoutMs?: number;
}

/**
 * Asks the running gateway for /api/NAME.
 *
 * @param is tells its answer from that of any other server
 * @throws `cli.not-running` where no gateway answers, `cli.refused` where it does not take the token
 */
export async function askGateway<T>(
  config: Config,
  name: string,
  is: (value: unknown) => value is T,
  io: Io,
  { method = 'GET', timeoutMs = TIMEOUT_MS }: Asking = {},
): Promise<T> {
  const url = `${httpUrl(config.http.host, config.http.port)}/api/${name}`;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${tokenOf(config, io)}` },
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const hint = config.http.port === 0 ? { hint: ANY_PORT } : {};
    throw notRunning(url, `no gateway answers: ${reasonOf(cause)}`, { cause: error, ...hint });
  });
  if (response.status === 401) throw refused(url, 'the gateway refused the token');
  if (response.status === 503)
    throw notRunning(url, 'the gateway is still starting', { hint: 'Ask again in a moment.' });
  const answer: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
  if (!is(answer)) throw notRunning(url, 'what answers there is no gateway');
  return answer;
}

function tokenOf(config: Config, io: Io): string {
  const given = io.env['EDGEWRIGHT_TOKEN'];
  if (given !== undefined) return given.trim();
  try {
    return readToken(tokenFileOf(config));
  } catch (error) {
    throw notRunning(tokenFileOf(config), `cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}
