import type { Source, SourceDeps, SourceSink } from '../source.ts';
import type { FileConfig } from './schema.ts';

export class FileSource implements Source {
  constructor(_config: FileConfig, _deps: SourceDeps) {}
  async start(_sink: SourceSink): Promise<void> {}
  async stop(): Promise<void> {}
}
