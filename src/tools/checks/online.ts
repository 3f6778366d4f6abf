import { randomUUID } from 'node:crypto';
import { EdgewrightError, type Logger } from '../../common/core/index.ts';
import { checkAddress, createLink, readTls, type TlsFiles } from '../../common/link/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import type { Config } from '../../device/config/index.ts';
import { brokerOf, type SourceBroker } from '../../scoring/sources/index.ts';

/** Time that a broker may take to answer, ms. */
const WAIT_MS = 10_000;

/** Connects to every broker of the configuration, under a client id of its own, and leaves again. */
export async function checkOnline(config: Config, logger: Logger): Promise<Problem[]> {
  const brokers: [string, Broker][] = config.uplink ? [['uplink.url', config.uplink]] : [];
  for (const [name, source] of Object.entries(config.sources)) {
    const broker = brokerOf(source);
    if (broker?.url !== undefined) brokers.push([`sources.${name}.url`, { ...broker, url: broker.url }]);
  }
  // An address or certificate that is wrong by itself is a problem that checkTls has found.
  const usable = brokers.filter(([, { url, tls }]) => isUsable(url, tls));
  const checks = usable.map(async ([path, broker]): Promise<Problem[]> => {
    const error = await tryConnect(broker, logger);
    if (!error) return [];
    const { code, message, hint } = error;
    return [{ severity: 'error', path, code, message, hint, exit: 1 }];
  });
  return (await Promise.all(checks)).flat();
}

type Broker = SourceBroker & { readonly url: string };

async function tryConnect(
  { url, version, tls, username, password }: Broker,
  logger: Logger,
): Promise<EdgewrightError | undefined> {
  const link = createLink(
    {
      url,
      version,
      tls: readTls(tls),
      clientId: `edgewright-check-${randomUUID().slice(0, 8)}`,
      clean: true,
      keepalive: 30,
      connectTimeout: WAIT_MS,
      maxIncomingBytes: 1024,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
    { logger },
  );
  try {
    return await new Promise((resolve) => {
      link.listen({ connected: () => resolve(undefined), closed: ({ error }) => resolve(error) });
      link.start();
    });
  } finally {
    await link.close();
  }
}

function isUsable(url: string, tls: TlsFiles | undefined): boolean {
  try {
    checkAddress(url, readTls(tls));
    return true;
  } catch (error) {
    if (error instanceof EdgewrightError) return false;
    throw error;
  }
}
