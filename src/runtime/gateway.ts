import type { Config } from '../config/index.ts';
import type { Clock, EdgewrightError, Logger, RecordType } from '../core/index.ts';
import { type OutboxClient, openOutbox } from '../outbox/index.ts';
import type { RecordEffect } from '../pipeline/index.ts';
import { encodeRecord } from '../protocol/index.ts';
import { createUplink, type Uplink } from '../sync/index.ts';
import { type Assembly, assemble } from './assembly.ts';
import type { Installation } from './package-root.ts';
import { SourceHost } from './source-host.ts';
import type { GatewayStatus, ModelStatus } from './status.ts';

/** How often silent assets are looked for. */
const TICK_MS = 1_000;
/** Bounds of an orderly stop, so that a service manager never has to kill it: answers of the engine, then the broker. */
const DRAIN_ENGINE_MS = 1_500;
const DRAIN_LINK_MS = 1_500;

export interface GatewayDeps {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface Gateway {
  readonly boot: string;
  readonly ready: boolean;
  /** Resolves with what made it impossible to go on. */
  readonly failed: Promise<EdgewrightError>;
  start(): Promise<void>;
  /** Stops in reverse order of the start; returns how many records still wait for the broker. */
  stop(): Promise<{ pending: number }>;
  models(): readonly ModelStatus[];
  status(): Promise<GatewayStatus>;
}
