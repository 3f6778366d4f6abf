import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { startGateway } from './gateway-process.ts';

const ASSETS = 100;
const WINDOW = 30;
const POLL_MS = 500;
const FIRST_TIME = Date.UTC(2025, 0, 1);

/** Readings of a year before those of the plant. */
async function writeRecording(file: string, predictions: number): Promise<void> {
  const stream = createWriteStream(file);
  const rounds = Math.ceil(predictions / ASSETS) + WINDOW - 1;
  for (let round = 0; round < rounds; round += 1) {
    const lines = Array.from({ length: ASSETS }, (_, asset) => {
      const values = Array.from({ length: 14 }, (_, i) => `"v${i}":${((round * 31 + i * 17 + asset) % 997) / 500 - 1}`);
      return `{"asset":"machine-${asset}","t":${FIRST_TIME + round * 1000},"values":{${values.join(',')}}}\n`;
    });
    if (!stream.write(lines.join(''))) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

/** Leaves a stopped gateway's folder in which so many records wait for an uplink that never was. */
export async function queued(program: string, folder: string, records: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'recorded.jsonl');
  await writeRecording(path, records);
  const nobody = `mqtt://127.0.0.1:${await freePort()}`;
  const sources = { plant: { type: 'file', path, speed: 'max' } };
  const gateway = await startGateway(program, nobody, { sources }, { folder });
  for (let pending = 0; pending < records; ) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const status = await gateway.status();
    pending = status.outbox.pending;
    process.stderr.write(`\r${pending.toLocaleString('en-US')} queued `);
  }
  process.stderr.write('\n');
  await gateway.stop();
}
