import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileShim } from '../faults/shim.ts';
import { Steering } from '../faults/steering.ts';
import type { Bench } from './bench.ts';
import { startGateway } from './gateway-process.ts';
import { Plant } from './plant.ts';
import { quantile, show } from './statistics.ts';

const ASSETS = 100;
const TAGS = 14;
const WINDOW = 30;
const PER_SECOND = 1_000;
const SECONDS = 30;
const STALLS_MS = [0, 100, 500];

/** What slow syncs do to decisions, which wait for no disk, and to their delivery, which waits for the commit. */
export async function stalls({ program, broker, folder }: Bench): Promise<void> {
  const shim = compileShim();
  if (shim === undefined) {
    process.stderr.write('skipped: it needs Linux and a C compiler (cc)\n');
    return;
  }
  const rows: Record<string, Record<string, number>> = {};
  for (const stall of STALLS_MS) {
    const place = join(folder, `stalls-${stall}`);
    mkdirSync(place);
    const steering = new Steering(join(place, 'steering'));
    const env = { LD_PRELOAD: shim, FAULTS_ROOT: join(place, 'data'), FAULTS_CONTROL: steering.file };
    const gateway = await startGateway(program, broker.url, {}, { folder: place, env });
    const plant = await Plant.open({ url: broker.url, assets: ASSETS, tags: TAGS, perMessage: 10, inFlight: 1000 });
    await plant.run(WINDOW + PER_SECOND / 10, (PER_SECOND / 10 + 1) * ASSETS, PER_SECOND * 2);
    steering.set('stallMs', stall);
    const rounds = (PER_SECOND * SECONDS) / ASSETS;
    const { decisions, latencies } = await plant.run(rounds, rounds * ASSETS, PER_SECOND);
    steering.set('stallMs', 0);
    await plant.close();
    await gateway.stop();
    steering.close();
    rows[`${stall} ms a sync`] = {
      decisionP50Ms: quantile(decisions, 0.5),
      decisionP99Ms: quantile(decisions, 0.99),
      decisionP999Ms: quantile(decisions, 0.999),
      deliveryP50Ms: quantile(latencies, 0.5),
      deliveryP99Ms: quantile(latencies, 0.99),
    };
  }
  show('stalls', rows);
}
