import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { checkLedger, settle } from '../audit.ts';
import { reading } from '../feed.ts';
import type { Gateway } from '../gateway.ts';
import type { Figures, Form, Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';
import { AT_REST } from './kill.ts';

const SECONDS: Readonly<Record<Form, number>> = { tiny: 3, short: 6, long: 150 };
const SAMPLE_MS = 250;
const MIB = 2 ** 20;
const CAP_MIB = 8;
/** A gateway takes 200 MiB when it has nothing to do, and some more for what is on its way. */
const MOST_RSS_MIB = 450;

/** Looks at the gateway again and again while it is flooded: memory, bytes on disk, books. */
async function watch(trial: Trial, gateway: Gateway, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const status = await gateway.status();
    checkLedger(trial, status);
    const rss = Math.round(gateway.rssBytes / MIB);
    const bytes = bytesOf(trial.data);
    trial.most('most memory, MiB', rss);
    trial.most('most bytes on disk', bytes);
    trial.most('most level', status.outbox.level);
    trial.expect(bytes <= status.outbox.cap, `${bytes} bytes on disk, the cap is ${status.outbox.cap}`);
    trial.expect(rss <= MOST_RSS_MIB, `${rss} MiB of memory`);
    if (trial.failures.length > 0) return;
    await delay(SAMPLE_MS);
  }
}

/** Of db, wal and shm. */
function bytesOf(folder: string): number {
  const files = readdirSync(folder).filter((name) => /^telemetry\.db(-wal|-shm)?$/.test(name));
  return files.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

const SPEED = 6_000;

const outboxFull: Scenario = {
  name: 'outbox-full',
  title: 'no link, and more than the outbox may hold: it gives way in declared steps, and recovers',
  trials: { tiny: 0, short: 1, long: 4 },
  run: async (trial): Promise<Figures> => {
    const seconds = trial.form === 'long' ? 30 : SECONDS[trial.form];
    const broker = await trial.broker();
    const cable = await trial.cable(broker);
    const source = { type: 'file', path: 'feed.jsonl', speed: SPEED };
    await trial.setUp({
      url: cable.url,
      outbox: { max: `${CAP_MIB}MiB` },
      config: { sources: { feed: source } },
      readings: (seconds + 30) * SPEED,
    });
    const consumer = await trial.consumer(broker);
    cable.cut();
    const gateway = trial.start();
    await gateway.whenReady();
    await watch(trial, gateway, seconds);
    const { outbox } = await gateway.status();
    trial.expect(outbox.level > 0, `the outbox is full, and its level is ${outbox.level}`);
    if (trial.random.chance(0.5)) await gateway.kill();
    cable.mend();
    if (gateway.running) await watch(trial, gateway, 2);
    await gateway.kill();
    const figures = await settle(trial, trial.start(AT_REST), consumer, 1);
    return figures;
  },
};

const TOPIC = 'flood/readings';
/** The broker sends ten thousand messages ahead, which all have to be predicted before the flood is over. */
const READINGS_A_MESSAGE: Readonly<Record<Form, number>> = { tiny: 1, short: 2, long: 10 };
const MESSAGES_IN_FLIGHT = 20;

/** Publishes as fast as the broker takes it; returns how many readings. */
async function pour(url: string, seconds: number, perMessage: number): Promise<number> {
  const client = await connectAsync(url, { protocolVersion: 5 });
  const inFlight = new Set<Promise<unknown>>();
  const end = performance.now() + seconds * 1_000;
  let n = 0;
  while (performance.now() < end) {
    const message = Array.from({ length: perMessage }, (_, i) => reading(n + i));
    n += perMessage;
    const sent: Promise<unknown> = client
      .publishAsync(TOPIC, JSON.stringify(message), { qos: 1 })
      .finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    if (inFlight.size >= MESSAGES_IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  await client.endAsync();
  return n;
}

const flood: Scenario = {
  name: 'flood',
  title: 'machines send many times what can be predicted, for minutes',
  trials: { tiny: 0, short: 1, long: 1 },
  run: async (trial): Promise<Figures> => {
    const seconds = SECONDS[trial.form];
    // It queues so many messages by itself, and drops the others.
    const broker = await trial.broker('max_queued_messages 1000\nmax_inflight_messages 100');
    const source = { type: 'mqtt', topic: TOPIC };
    const outbox = { max: `${CAP_MIB}MiB` };
    // The engine runs each reading by itself: it can do little.
    const config = { sources: { feed: source }, inference: { warmup: '0ms', batch: { size: 1 } } };
    await trial.setUp({ url: broker.url, outbox, config, readings: 0 });
    const consumer = await trial.consumer(broker);
    const gateway = trial.start();
    await gateway.whenReady();
    const [poured] = await Promise.all([
      pour(broker.url, seconds, READINGS_A_MESSAGE[trial.form]),
      watch(trial, gateway, seconds),
    ]);
    const predicted = (await gateway.status()).pipelines[0]?.predictions ?? 0;
    trial.note('readings a second that came', Math.round(poured / seconds));
    trial.note('predictions a second', Math.round(predicted / seconds));
    await gateway.until('its recovery', ({ outbox: { level, pending } }) => level === 0 && pending === 0, 120_000);
    await gateway.kill();
    return settle(trial, trial.start(), consumer, 1, { lossySource: true });
  },
};

export const FLOOD: readonly Scenario[] = [outboxFull, flood];
