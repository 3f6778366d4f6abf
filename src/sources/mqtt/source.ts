import type { Source, SourceDeps, SourceSink } from '../source.ts';
import type { MqttConfig } from './schema.ts';

export class MqttSource implements Source {
  constructor(_config: MqttConfig, _deps: SourceDeps) {}
  async start(_sink: SourceSink): Promise<void> {}
  async stop(): Promise<void> {}
}
