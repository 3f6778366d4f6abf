import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { startGateway } from './gateway-process.ts';
import { Plant } from './plant.ts';
import { queued } from './queue.ts';
import { quantile, show } from './statistics.ts';

const ASSETS = 100;
const TAGS = 14;
const PER_SECOND = 1_000;
const ROUNDS_A_LOOK = 20;
const WINDOW = 30;

/** A million records drain while machines go on: how fast, and what it does to what is predicted meanwhile. */
export async function backlog({ program, broker, folder, waiting }: Bench): Promise<void> {
  const rows: Record<string, Record<string, number>> = {};
  for (const rate of [undefined, '64MiB']) {
    const full = join(folder, `backlog-${rate}`);
    await queued(program, full, waiting);
    const sources = { plant: { type: 'mqtt', url: broker.url, topic: 'plant/readings' } };
    const uplink = { url: broker.url, ...(rate === undefined ? {} : { backlog: { rate } }) };
    const plant = await Plant.open({ url: broker.url, assets: ASSETS, tags: TAGS, perMessage: 50, inFlight: 100 });
    const gateway = await startGateway(program, broker.url, { sources, uplink }, { folder: full });
    const began = performance.now();
    const before = (await gateway.status()).outbox.pending;
    await plant.run(WINDOW, ASSETS, PER_SECOND * 10);
    const during: number[] = [];
    const after: number[] = [];
    let seconds = 0;
    while (after.length < 20 * PER_SECOND) {
      const { latencies } = await plant.run(ROUNDS_A_LOOK, ROUNDS_A_LOOK * ASSETS, PER_SECOND);
      const { pending } = (await gateway.status()).outbox;
      if (seconds > 0) after.push(...latencies);
      else during.push(...latencies);
      process.stderr.write(`\r${pending.toLocaleString('en-US')} wait `);
      if (seconds === 0 && pending < 2 * PER_SECOND) seconds = (performance.now() - began) / 1000;
    }
    process.stderr.write('\n');
    await plant.close();
    await gateway.stop();
    rows[`rate ${rate ?? 'by default'}`] = {
      records: before,
      seconds,
      perSecond: before / seconds,
      liveP50DuringMs: quantile(during, 0.5),
      liveP99DuringMs: quantile(during, 0.99),
      liveP50AfterMs: quantile(after, 0.5),
      liveP99AfterMs: quantile(after, 0.99),
    };
  }
  show('backlog', rows);
}
