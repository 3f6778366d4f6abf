/** Keys of the configuration that hold paths; `*` stands for any key. */
export const PATHS: readonly string[] = [
  'http.tokenFile',
  'outbox.path',
  'pipelines.*.model',
  'sources.*.path',
  'state.path',
  'trust.root',
  ...['ca', 'cert', 'key'].flatMap((file) => [`uplink.tls.${file}`, `sources.*.tls.${file}`]),
];
