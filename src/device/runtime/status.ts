import type { ModelStats } from '../../scoring/inference/index.ts';
import { type Pipeline, type PlainCounts, plainCounts } from '../../scoring/pipeline/index.ts';
import type { OutboxStats } from '../../storage/outbox/index.ts';
import type { OutboxClient } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Uplink, UplinkStatus } from '../sync/index.ts';
import { type CertificateWarning, certificateWarnings } from './certificates.ts';
import type { Driver, Scored } from './driver.ts';
import { engineOf } from './engine.ts';
import type { Installation } from './package-root.ts';
import type { SourceHost, SourceStatus } from './source-host.ts';
import type { SystemClock } from './system-clock.ts';

export interface ModelStatus {
  readonly pipeline: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly signed: boolean;
  /** Engine and version that answers. */
  readonly engine: string;
  readonly state: ModelStats['state'];
  /** Threads that had to be replaced. */
  readonly restarts: number;
  /** Runs of the engine, and the windows that they answered. */
  readonly batches: number;
  readonly rows: number;
  /** Whether windows of several assets share a run. */
  readonly batched: boolean;
  /** Score or positive probability, by target, beyond which it is an anomaly; costs and overrides are counted in. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

export interface PipelineStatus extends PlainCounts {
  readonly name: string;
  readonly assets: number;
  /** Some assets that were refused since there are as many as there may be, the newest last. */
  readonly refusedAssets: readonly string[];
  readonly waiting: number;
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
  readonly link: UplinkStatus | { readonly state: 'none' };
  /** Certificates that end soon, or have; absent where there are none, or the clock cannot know. */
  readonly certificates?: readonly CertificateWarning[];
  readonly outbox: {
    readonly bytes: number;
    readonly cap: number;
    /** Null until a rate is known. */
    readonly hoursLeft: OutboxStats['hoursLeft'];
    readonly limit: OutboxStats['limit'];
    readonly level: number;
    readonly next: OutboxStats['next'];
    readonly pending: number;
    /** Records that did not get to the disk because memory for uncommitted ones was full: folded, as far as they can be. */
    readonly stalled: number;
    /** What is in memory alone, so that a crash takes it, and since when the oldest of it waits (ms since the epoch). */
    readonly uncommitted: { readonly records: number; readonly bytes: number; readonly since: number | null };
    /** Why nothing can be committed at present. */
    readonly trouble: { readonly code: string; readonly reason: string; readonly hint: string } | null;
  };
  readonly seq: number;
  readonly ledger: OutboxStats['ledger'];
  /** The newest entry of the audit chain. */
  readonly audit?: NonNullable<OutboxStats['audit']>;
}

export function gatewayStatus(parts: {
  readonly config: Config;
  readonly installation: Pick<Installation, 'version'>;
  readonly clock: SystemClock;
  /** Monotonic ms at the start. */
  readonly began: number;
  readonly outbox: OutboxClient;
  readonly driver: Driver;
  readonly uplink: Uplink | undefined;
  readonly sources: SourceHost;
  readonly stats: OutboxStats;
}): GatewayStatus {
  const { config, installation, clock, began, outbox, driver, uplink, sources, stats } = parts;
  const { bytes, cap, hoursLeft, limit, level, next, pending, seq, ledger, audit } = stats;
  const certificates = clock.trusted() ? certificateWarnings(config, clock.now()) : [];
  return {
    site: config.site,
    device: config.device,
    version: installation.version,
    boot: outbox.opened.boot,
    engine: engineOf(driver),
    uptimeMs: Math.round(clock.monotonic() - began),
    clockTrusted: clock.trusted(),
    rssBytes: process.memoryUsage.rss(),
    models: driver.scored.map(modelStatus),
    sources: sources.status(),
    pipelines: driver.scored.map(({ pipeline }) => pipelineStatus(pipeline)),
    link: uplink ? { ...uplink.status() } : { state: 'none' },
    ...(certificates.length > 0 ? { certificates } : {}),
    outbox: {
      ...{ bytes, cap, hoursLeft, limit, level, next, pending },
      stalled: outbox.stalled,
      uncommitted: uncommittedOf(outbox, clock),
      trouble: troubleOf(outbox),
    },
    seq,
    ledger,
    ...(audit && { audit }),
  };
}

function uncommittedOf({ uncommitted }: OutboxClient, clock: SystemClock): GatewayStatus['outbox']['uncommitted'] {
  const { records, bytes, forMs } = uncommitted;
  return { records, bytes, since: records === 0 ? null : Math.round(clock.now() - forMs) };
}

function troubleOf({ trouble }: OutboxClient): GatewayStatus['outbox']['trouble'] {
  return trouble === undefined ? null : { code: trouble.code, reason: trouble.message, hint: trouble.hint };
}

function modelStatus({ pipeline, model }: Scored): ModelStatus {
  const { name, version, digest, signed } = pipeline.identity;
  const { state, restarts, batches, rows } = model.stats();
  return {
    pipeline: pipeline.name,
    name,
    version,
    digest,
    signed,
    engine: model.engine,
    state,
    restarts,
    batches,
    rows,
    batched: model.batchable,
    thresholds: pipeline.thresholds,
    ...(pipeline.overrides ? { overrides: pipeline.overrides } : {}),
  };
}

function pipelineStatus(pipeline: Pipeline): PipelineStatus {
  return {
    name: pipeline.name,
    assets: pipeline.assets,
    refusedAssets: pipeline.refused,
    waiting: pipeline.waiting,
    ...plainCounts(pipeline.counts),
  };
}
