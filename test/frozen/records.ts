import { createHash } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** A record and the boot that it is of. */
export interface Told {
  readonly boot: string;
  readonly record: Json & {
    readonly type: string;
    readonly seq: number;
    readonly pipeline?: string;
    readonly asset?: string;
  };
}

/** Identity of an exported record: a loss has a `boot` of its own behind it, of what is lost. */
const IDENTITY = /^\{"site":"[^"]*","device":"[^"]*","boot":"([0-9a-f]{32})",/;

/** A line of `outbox export`. */
export function parseLine(line: string): Told {
  const [, boot] = IDENTITY.exec(line) ?? [];
  if (boot === undefined) throw new Error(`a record without its identity: ${line}`);
  const { site: _, device: __, ...record } = JSON.parse(line);
  if (record.type !== 'loss') record.boot = undefined;
  return { boot, record };
}

/** Configuration keys that came after the fixtures were made: a `config` event that names nothing else says nothing. */
const LATER_KEYS: readonly string[] = [];

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

export interface Digest {
  readonly lines: number;
  readonly sha256: string;
}

export function digestOf(lines: readonly string[]): Digest {
  const sha256 = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex');
  return { lines: lines.length, sha256 };
}

/** How many there are of each value, in the order in which they come first. */
export function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

/**
 * An answer without the ends of summaries: one that a stop ends before its period ended with the period, and does with its
 * last prediction since then, so that the next one begins there.
 */
export function withoutEnds(answer: unknown): unknown {
  const text = JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith('{"type":"summary"')) return value;
    return JSON.stringify({ ...JSON.parse(value), t: undefined, to: undefined });
  });
  return JSON.parse(text);
}

/**
 * What a boot tells, as JSON texts, without what differs from run to run: ids of boots, seqs, times of arrival, hashes,
 * versions, latency. By kind and asset, in the order in which each was told: an alarm waits for its explanation, and
 * pipelines do not wait for each other.
 */
export function toldBy(boot: string, all: readonly Told[]): string[] {
  const own = all.filter((one) => one.boot === boot).map(({ record }) => record);
  const kindOf = ({ pipeline, type, asset }: Told['record']) => JSON.stringify([pipeline, type, asset]);
  return [...new Set(own.map(kindOf))]
    .sort()
    .flatMap((kind) => own.filter((record) => kindOf(record) === kind))
    .flatMap(({ seq: _, clock: __, ...record }) => stable(record))
    .map((record) => JSON.stringify(record));
}

function stable(record: Json): Json[] {
  switch (record['type']) {
    case 'event':
      return stableEvent(record);
    case 'loss':
      return [{ ...record, t: undefined }];
    case 'prediction':
      return [{ ...record, latencyMs: undefined }];
    case 'summary':
      return [{ ...record, latency: timed(record['latency']) }];
    default:
      return [record];
  }
}

/** Latencies are counted, whatever they were. */
function timed(latency: unknown): Json {
  const { scale, counts, zero } = latency as { scale: number; counts: readonly number[]; zero: number };
  return { scale, counted: counts.reduce((sum, count) => sum + count, zero) };
}

function stableEvent({ event, detail: all, audit }: Json): Json[] {
  const {
    version: _,
    node: __,
    digest: ___,
    previous,
    lastCommitAt: ____,
    lossBytesMax: _____,
    ...detail
  } = all as Json;
  // Where the chain goes on; what follows counts from there.
  const place = event === 'start' ? { n: (audit as { n: number }).n } : {};
  if (event !== 'config') return [{ type: 'event', event, detail, ...place }];
  const changed = (detail['changed'] as readonly string[]).filter((path) => !LATER_KEYS.includes(path));
  const compared = previous !== null;
  if (compared && changed.length === 0 && detail['anew'] === undefined) return [];
  return [{ type: 'event', event, detail: { ...detail, changed, compared }, ...place }];
}
