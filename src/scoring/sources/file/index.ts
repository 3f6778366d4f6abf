import type { SourceDefinition } from '../source.ts';
import { isUpTo } from './position.ts';
import { type FileConfig, fileSchema } from './schema.ts';
import { FileSource } from './source.ts';

/** Recordings: CSV, JSON Lines, wide files and sampled signals, plain or gzip. */
export const file: SourceDefinition<FileConfig> & { readonly schema: typeof fileSchema } = {
  type: 'file',
  schema: fileSchema,
  traits: {
    replayable: { pathOf: ({ path }) => path, at: (config, path) => ({ ...config, path, speed: 'max' }) },
    canWait: true,
    carriesOneTag: ({ paths }) => paths?.value !== undefined,
    opensIn: ({ use }) => (use === 'both' ? ['run', 'replay'] : [use]),
    isUpTo,
  },
  create: (config, deps) => new FileSource(config, deps),
};
