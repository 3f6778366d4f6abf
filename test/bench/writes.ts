import type { Bench } from './bench.ts';
import { startGateway } from './gateway-process.ts';
import { Plant } from './plant.ts';
import { figuresOf } from './process-figures.ts';
import { show } from './statistics.ts';

const ASSETS = 10;
const TAGS = 14;
const WINDOW = 30;
const SECONDS = 20;
const RATES = [10, 100, 1_000, 5_000];
const LOSS_WINDOWS = ['10ms', '100ms', '1s'];

/** Bytes that go to the disk per prediction, by how many there are a second and how long a commit may wait for more. */
export async function writes({ program, broker }: Bench): Promise<void> {
  const rows: Record<string, Record<string, number>> = {};
  for (const rate of RATES) {
    const row: Record<string, number> = {};
    for (const lossWindow of LOSS_WINDOWS) {
      const gateway = await startGateway(program, broker.url, { outbox: { path: 'data', lossWindow } });
      const plant = await Plant.open({ url: broker.url, assets: ASSETS, tags: TAGS, perMessage: 1, inFlight: 1000 });
      await plant.run(WINDOW, ASSETS);
      const before = figuresOf(gateway.pid).writtenBytes;
      const rounds = Math.max(2, Math.round((rate * SECONDS) / ASSETS));
      const { predictions } = await plant.run(rounds, rounds * ASSETS, rate);
      row[lossWindow] = (figuresOf(gateway.pid).writtenBytes - before) / predictions;
      await plant.close();
      await gateway.stop();
    }
    rows[`${rate} a second`] = row;
  }
  show('writes', rows);
}
