import type { OutboxStats } from '../outbox/index.ts';
import type { PipelineCounts } from '../pipeline/index.ts';

export type LinkState = 'online' | 'connecting' | 'offline' | 'none';
export type SourceState = 'starting' | 'open' | 'ended' | 'failed' | 'stopped';

export interface ModelStatus {
  readonly pipeline: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly signed: boolean;
  readonly state: 'ready' | 'failed';
  readonly batched: boolean;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

export interface SourceStatus {
  readonly name: string;
  readonly type: string;
  readonly state: SourceState;
  readonly readings: number;
  /** Refused, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface PipelineStatus extends Omit<PipelineCounts, 'ignoredTags'> {
  readonly name: string;
  readonly assets: number;
  readonly waiting: number;
  readonly ignoredTags: Readonly<Record<string, number>>;
}

/** A running gateway's own view: `status --json` and /api/status. */
export interface GatewayStatus {
  readonly site: string;
  readonly device: string;
  readonly version: string;
  readonly boot: string;
  readonly engine: string;
  readonly uptimeMs: number;
  readonly clockTrusted: boolean;
  readonly rssBytes: number;
  readonly models: readonly ModelStatus[];
  readonly sources: readonly SourceStatus[];
  readonly pipelines: readonly PipelineStatus[];
  readonly link: { readonly state: LinkState; readonly reason?: string };
  readonly outbox: Pick<OutboxStats, 'bytes' | 'cap' | 'hoursLeft' | 'level' | 'pending'>;
  readonly seq: number;
  readonly ledger: OutboxStats['ledger'];
}
