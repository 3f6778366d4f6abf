import type { TlsFiles } from '../../common/link/index.ts';
import { brokerOf } from '../../scoring/sources/index.ts';
import type { ConfigData } from './schema.ts';

/** A broker that the configuration names. */
export interface ConfiguredBroker {
  /** Dotted path of the part that names it. */
  readonly path: string;
  readonly url: string;
  readonly tls: TlsFiles | undefined;
}

/** Every broker of a configuration: the uplink's, and those of sources, which take the uplink's where they name none. */
export function brokersOf({ uplink, sources }: Pick<ConfigData, 'uplink' | 'sources'>): ConfiguredBroker[] {
  const brokers: ConfiguredBroker[] = uplink ? [{ path: 'uplink', url: uplink.url, tls: uplink.tls }] : [];
  for (const [name, source] of Object.entries(sources)) {
    const broker = brokerOf(source);
    const url = broker?.url ?? uplink?.url;
    if (broker && url !== undefined) brokers.push({ path: `sources.${name}`, url, tls: broker.tls });
  }
  return brokers;
}
