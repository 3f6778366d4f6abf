import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { type Reading, reasonOf } from '../../common/core/index.ts';
import type { Pacer } from './pacer.ts';
import type { SourceDeps, SourceSink } from './source.ts';

/** A reading, and the place after it. */
export interface Emission {
  readonly reading: Reading;
  readonly position?: string;
}

/** What plays readings needs, and how it names the place of one that was not taken. */
export interface PlayDeps extends Pick<SourceDeps, 'clock' | 'sleep'> {
  readonly placeOf?: (position: string) => string;
}

/** Readings in a row after which the event loop gets its turn; a block counts as its samples. */
const TURN = 256;
/** The longest timer, ms, so that a far event time does not overflow it. */
const LONGEST_SLEEP = 3600e3;

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** Waits for a promise, however it ends, or until the signal aborts; leaves no listener behind. */
export function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', done);
    promise.then(done, done);
  });
}

/** Waits until the sink takes readings again, beginning with the promise that it gave. */
export async function untilCredit(first: Promise<void>, sink: SourceSink, signal: AbortSignal): Promise<void> {
  let credit: Promise<void> | undefined = first;
  while (credit !== undefined && !signal.aborted) {
    await settledOrAborted(credit, signal);
    credit = signal.aborted ? undefined : sink.credit();
  }
}

/**
 * Plays readings into a sink at the pace of their event time, one by one with its credit, until they end or the
 * signal aborts. Calls `end` only in the first case. Never rejects: a reading that cannot be taken is refused as `failed`,
 * with its place, and where the readings themselves break off they end.
 */
export async function play(
  chunks: AsyncIterable<Iterable<Emission>> | Iterable<Iterable<Emission>>,
  pacer: Pacer,
  sink: SourceSink,
  deps: PlayDeps,
  signal: AbortSignal,
): Promise<void> {
  try {
    await playAll(chunks, pacer, sink, deps, signal);
  } catch (error) {
    if (!signal.aborted) sink.reject('failed', `the readings broke off: ${reasonOf(error)}`);
  }
  if (!signal.aborted) sink.end();
}

function push(sink: SourceSink, { reading, position }: Emission, placeOf: PlayDeps['placeOf']): void {
  try {
    sink.push(reading, position);
  } catch (error) {
    const { asset, t } = reading;
    const place = position === undefined ? undefined : placeOf?.(position);
    sink.reject('failed', `${place ?? `${asset} at ${t}`}: ${reasonOf(error)}`);
  }
}

async function playAll(
  chunks: AsyncIterable<Iterable<Emission>> | Iterable<Iterable<Emission>>,
  pacer: Pacer,
  sink: SourceSink,
  { clock, sleep = sleepUntilAborted, placeOf }: PlayDeps,
  signal: AbortSignal,
): Promise<void> {
  const untilDue = async (t: number, first: number) => {
    for (let wait = first; wait > 0 && !signal.aborted; wait = pacer.wait(t, clock.monotonic())) {
      await sleep(Math.min(wait, LONGEST_SLEEP), signal);
    }
  };
  let inRow = 0;
  for await (const chunk of chunks) {
    for (const emission of chunk) {
      const { reading } = emission;
      const wait = pacer.wait(reading.t, clock.monotonic());
      if (wait > 0) await untilDue(reading.t, wait);
      if (signal.aborted) return;
      const credit = sink.credit();
      if (credit !== undefined) await untilCredit(credit, sink, signal);
      if (signal.aborted) return;
      push(sink, emission, placeOf);
      inRow += reading.block?.length ?? 1;
      if (inRow < TURN) continue;
      inRow = 0;
      await turn();
    }
  }
}
