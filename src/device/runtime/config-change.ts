import { createHash } from 'node:crypto';
import { type Clock, type EventRecord, isMap } from '../../common/core/index.ts';
import { leavesOf, redactSettings } from '../../common/settings/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Scored } from './driver.ts';

/** A configuration as digests: of the whole, and of each value by its path, without secrets. */
export interface ConfigDigest {
  readonly digest: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Paths that an event names at most, of each kind. */
const MAX_NAMED = 20;
const DIGITS = 16;

/** Digests a configuration. The models that act count as part of it: a bundle may be another at the same path. */
export function digestConfig(config: Config, models: Readonly<Record<string, string>>): ConfigDigest {
  const { file: _, ...rest } = redactSettings(config).data as Config;
  // An empty map counts as no value: digests of earlier versions have none for it.
  const leaves = [...leavesOf({ ...rest, models })].filter(({ value }) => !isMap(value));
  const values = Object.fromEntries(leaves.map(({ path, value }) => [path.join('.'), digestOf(JSON.stringify(value))]));
  return { digest: digestOf(JSON.stringify(Object.entries(values).sort())), values };
}

/** The detail of a `config` event; undefined where the configuration is the one before. */
export function configChange(
  before: ConfigDigest | undefined,
  now: ConfigDigest,
  anew: Readonly<Record<string, number>>,
): EventRecord['detail'] | undefined {
  if (before?.digest === now.digest && Object.keys(anew).length === 0) return undefined;
  const paths = [...new Set([...Object.keys(before?.values ?? {}), ...Object.keys(now.values)])].sort();
  const changed = before ? paths.filter((path) => before.values[path] !== now.values[path]) : [];
  return {
    digest: now.digest,
    previous: before?.digest ?? null,
    changed: changed.slice(0, MAX_NAMED),
    more: Math.max(0, changed.length - MAX_NAMED),
    ...(Object.keys(anew).length > 0 && { anew }),
  };
}

/** Tells where the configuration, or a model, is another one than at the start before. */
export async function tellConfigChange(parts: {
  readonly config: Config;
  readonly scored: readonly Scored[];
  readonly outbox: Pick<OutboxClient, 'event'>;
  readonly control: Pick<ControlClient, 'exchangeConfig'>;
  readonly clock: Clock;
  /** Assets whose part begins anew, by `PIPELINE: PART`. */
  readonly begunAnew: Readonly<Record<string, number>>;
}): Promise<void> {
  const { config, scored, outbox, control, clock, begunAnew } = parts;
  const models = Object.fromEntries(scored.map(({ pipeline }) => [pipeline.name, pipeline.identity.digest]));
  const now = digestConfig(config, models);
  const before = await control.exchangeConfig(now).catch(() => undefined);
  const change = configChange(before as ConfigDigest | undefined, now, begunAnew);
  if (change !== undefined) outbox.event('config', change, clock.now());
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}
