import type { Clock } from '../../common/core/index.ts';
import type { OutboxClient } from '../../storage/outbox/index.ts';
import type { Config } from '../config/index.ts';
import type { Uplink } from '../sync/index.ts';
import type { Assembly } from './assembly.ts';
import type { AuditVerdict } from './audit-chain.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { OutboxView } from './outbox-port.ts';
import type { Installation } from './package-root.ts';
import type { Recorder } from './recorder.ts';
import type { SourceHost } from './source-host.ts';
import { type GatewayStatus, modelStatus, pipelineStatus } from './status.ts';

/** Bounds of an orderly stop, so that a service manager never has to kill it: engine, checkpoint, then the broker. */
const DRAIN_ENGINE_MS = 1_500;
const DRAIN_STORE_MS = 1_000;
const DRAIN_LINK_MS = 1_500;

export interface Gateway {
  readonly boot: string;
  /** Stops in reverse order of the start; tells how many records still wait for the broker. */
  stop(): Promise<{ pending: number }>;
  status(): Promise<GatewayStatus>;
  /** Walks the audit chain. */
  verifyAudit(): Promise<AuditVerdict>;
}

export interface Parts {
  readonly config: Config;
  readonly installation: Installation;
  readonly clock: Clock;
  readonly began: number;
  readonly outbox: OutboxClient;
  readonly view: OutboxView;
  readonly recorder: Recorder;
  readonly assembly: Assembly;
  readonly uplink: Uplink | undefined;
  readonly sources: SourceHost;
  readonly checkpointer: Checkpointer;
  readonly timer: NodeJS.Timeout;
}

/** A gateway that was started: what can be asked of it, and how it stops. */
export class RunningGateway implements Gateway {
  readonly #parts: Parts;
  #stopped: Promise<{ pending: number }> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get boot(): string {
    return this.#parts.outbox.opened.boot;
  }

  stop(): Promise<{ pending: number }> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<{ pending: number }> {
    const { timer, sources, assembly, recorder, checkpointer, outbox, uplink, view } = this.#parts;
    clearInterval(timer);
    await sources.stop();
    await Promise.race([assembly.driver.whenIdle(), after(DRAIN_ENGINE_MS)]);
    assembly.driver.closeSummaries();
    recorder.mark();
    await Promise.race([checkpointer.stop(), after(DRAIN_STORE_MS)]);
    await Promise.race([outbox.flush().catch(() => undefined), after(DRAIN_LINK_MS)]);
    await uplink?.stop(DRAIN_LINK_MS);
    const { pending } = await outbox.close();
    await assembly.close();
    return { pending: pending ?? view.queue.pending };
  }

  verifyAudit(): Promise<AuditVerdict> {
    return this.#parts.outbox.aside<AuditVerdict>('audit');
  }

  async status(): Promise<GatewayStatus> {
    const { config, installation, clock, began, outbox, view, assembly, uplink, sources } = this.#parts;
    const stats = await view.refresh(outbox);
    const { bytes, cap, hoursLeft, limit, level, next, pending, seq, ledger, audit } = stats;
    const link = uplink?.status();
    return {
      site: config.site,
      device: config.device,
      version: installation.version,
      boot: this.boot,
      engine: assembly.engine,
      uptimeMs: Math.round(clock.monotonic() - began),
      clockTrusted: clock.trusted(),
      rssBytes: process.memoryUsage.rss(),
      models: assembly.scored.map(modelStatus),
      sources: sources.status(),
      pipelines: assembly.scored.map(({ pipeline }) => pipelineStatus(pipeline)),
      link: link ? { ...link } : { state: 'none' },
      outbox: {
        ...{ bytes, cap, hoursLeft, limit, level, next, pending },
        stalled: outbox.stalled,
        trouble: troubleOf(outbox),
      },
      seq,
      ledger,
      ...(audit && { audit }),
    };
  }
}

function troubleOf({ trouble }: OutboxClient): GatewayStatus['outbox']['trouble'] {
  return trouble === undefined ? null : { code: trouble.code, reason: trouble.message, hint: trouble.hint };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
