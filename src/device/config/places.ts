import { join } from 'node:path';
import type { ConfigData } from './schema.ts';

/** Keys of the configuration that hold paths, relative to its file; `*` stands for any key. */
export const PATHS: readonly string[] = [
  'http.tokenFile',
  'outbox.path',
  'pipelines.*.model',
  'sources.*.path',
  'state.path',
  'trust.root',
  ...['ca', 'cert', 'key'].flatMap((file) => [`uplink.tls.${file}`, `sources.*.tls.${file}`]),
];

/** Folder of control.db: that of the outbox, unless the configuration names one. */
export function stateFolderOf({ state, outbox }: Pick<ConfigData, 'state' | 'outbox'>): string {
  return state.path ?? outbox.path;
}

/** File with the token of /api: in the state folder, unless the configuration names one. */
export function tokenFileOf(config: Pick<ConfigData, 'http' | 'state' | 'outbox'>): string {
  return config.http.tokenFile ?? join(stateFolderOf(config), 'http-token');
}
