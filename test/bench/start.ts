import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { startGateway } from './gateway-process.ts';
import { queued } from './queue.ts';
import { quantile, show } from './statistics.ts';

const RUNS = 5;

/** How long a start takes with nothing and with a million records waiting: to ready, after an orderly stop and after kill -9. */
export async function start({ program, broker, folder, waiting }: Bench): Promise<void> {
  const rows: Record<string, Record<string, number>> = {};
  for (const records of [0, waiting]) {
    const full = join(folder, `queued-${records}`);
    await queued(program, full, records);
    const times = { stopped: [] as number[], killed: [] as number[] };
    for (let run = 0; run < RUNS; run += 1) {
      const copy = join(folder, 'copy');
      await cp(full, copy, { recursive: true });
      const sources = { plant: { type: 'mqtt', url: broker.url, topic: 'plant/readings' } };
      // Nothing is to be sent meanwhile.
      const again = () => startGateway(program, 'mqtt://127.0.0.1:9', { sources }, { folder: copy });
      const first = await again();
      times.stopped.push(first.readyMs);
      process.kill(first.pid, 'SIGKILL');
      await first.stop();
      const second = await again();
      times.killed.push(second.readyMs);
      await second.stop();
      await rm(copy, { recursive: true });
    }
    await rm(full, { recursive: true });
    rows[`${records} queued`] = {
      afterStopMs: quantile(times.stopped, 0.5),
      afterKillMs: quantile(times.killed, 0.5),
      slowestMs: Math.max(...times.stopped, ...times.killed),
    };
  }
  show('start', rows);
}
