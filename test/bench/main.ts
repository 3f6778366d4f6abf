import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startMosquitto } from '../support/mosquitto.ts';
import { backlog } from './backlog.ts';
import type { Part } from './bench.ts';
import { unpackArtifact } from './gateway-process.ts';
import { neighbour } from './neighbour.ts';
import { soak } from './soak.ts';
import { stalls } from './stalls.ts';
import { start } from './start.ts';
import { throughput } from './throughput.ts';
import { transfer } from './transfer.ts';
import { writes } from './writes.ts';

const PARTS: Readonly<Record<string, Part>> = { throughput, start, backlog, writes, stalls, soak, neighbour, transfer };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'wasm' },
    runs: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '30' },
    queued: { type: 'string', default: '1000000' },
  },
});
const { engine } = values;
const names = positionals.length === 0 ? ['throughput'] : positionals;
const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined || (engine !== 'wasm' && engine !== 'native')) {
  const usage = `[${Object.keys(PARTS).join('|')}] [--engine wasm|native] [--runs 3] [--minutes 30] [--queued 1000000]`;
  process.stderr.write(`there is no ${unknown ?? engine}; npm run bench -- ${usage}\n`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'edgewright-bench-'));
const program = unpackArtifact(folder);
// The broker's own limits are not what is measured.
const broker = await startMosquitto({ config: 'max_queued_messages 0\nmax_inflight_messages 100' });
try {
  for (const name of names) {
    process.stderr.write(`${name}...\n`);
    const [minutes, waiting, runs] = [values.minutes, values.queued, values.runs].map(Number) as [
      number,
      number,
      number,
    ];
    await PARTS[name]?.({ program, broker, folder, engine, runs, minutes, waiting });
  }
} finally {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}
