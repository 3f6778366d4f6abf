import { startCable } from '../support/cable.ts';
import type { Bench } from './bench.ts';
import { startGateway } from './gateway-process.ts';
import { Plant } from './plant.ts';
import { figuresOf } from './process-figures.ts';
import { quantile, show } from './statistics.ts';

const ASSETS = 100;
const TAGS = 14;
const PER_SECOND = 5_000;
const ROUNDS_A_LOOK = 50;
const MIB = 2 ** 20;
/** ms: the uplink is there for so long, and then gone for so long. */
const UP_MS = 20_000;
const DOWN_MS = 10_000;
const SLICES = 6;

/** Memory over a long time at a high rate, the uplink coming and going. */
export async function soak({ program, broker, minutes }: Bench): Promise<void> {
  const cable = await startCable(broker.port);
  const sources = { plant: { type: 'mqtt', url: broker.url, topic: 'plant/readings' } };
  const uplink = { url: cable.url };
  const gateway = await startGateway(program, broker.url, { sources, uplink });
  const plant = await Plant.open({ url: broker.url, assets: ASSETS, tags: TAGS, perMessage: 50, inFlight: 100 });
  const began = performance.now();
  const samples: { readonly minute: number; readonly rss: number }[] = [];
  let down = false;
  const flap = () => {
    down = !down;
    if (down) cable.cut();
    else cable.mend();
    timer = setTimeout(flap, down ? DOWN_MS : UP_MS);
  };
  let timer = setTimeout(flap, UP_MS);
  let rounds = 0;
  for (let minute = 0; minute < minutes; minute = (performance.now() - began) / 60_000) {
    await plant.send(ROUNDS_A_LOOK, PER_SECOND);
    rounds += ROUNDS_A_LOOK;
    samples.push({ minute, rss: figuresOf(gateway.pid).rssBytes / MIB });
    process.stderr.write(`\r${minute.toFixed(1)} min, ${samples.at(-1)?.rss.toFixed(0)} MiB `);
  }
  process.stderr.write('\n');
  clearTimeout(timer);
  cable.mend();
  const rows: Record<string, Record<string, number>> = {};
  for (let slice = 0; slice < SLICES; slice += 1) {
    const [from, to] = [(slice * minutes) / SLICES, ((slice + 1) * minutes) / SLICES];
    const mine = samples.filter(({ minute }) => minute >= from && minute < to).map(({ rss }) => rss);
    rows[`minute ${from.toFixed(0)} to ${to.toFixed(0)}`] = {
      medianMiB: quantile(mine, 0.5),
      p99MiB: quantile(mine, 0.99),
      mostMiB: Math.max(...mine),
    };
  }
  const { pipelines, outbox } = await gateway.status();
  process.stderr.write(
    `${rounds * ASSETS} readings, ${pipelines[0]?.predictions} predictions, ${outbox.pending} wait\n`,
  );
  await plant.close();
  await gateway.stop();
  await cable.close();
  show('soak', rows);
}
