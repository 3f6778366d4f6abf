import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BlobService } from '../../src/center/serving/index.ts';
import {
  type BlobData,
  type BlobGet,
  DEFAULT_PREFIX,
  decodeBlobData,
  encodeBlobGet,
  topicOf,
} from '../../src/common/protocol/index.ts';
import { bundle, serving } from '../delivery/rig.ts';
import { eventually, silent, watched } from '../link/support.ts';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { hexOf, noise } from '../support/noise.ts';

const CONTENT = noise(5_000);
const address = { prefix: DEFAULT_PREFIX, site: 'plant', device: 'gw1' };
let tokens = 0;

function request(change: Partial<BlobGet> = {}): BlobGet {
  tokens += 1;
  return { token: `s${tokens}`, sha256: hexOf(CONTENT), block: 1_000, first: 0, count: 2, have: '', ...change };
}

async function broker(): Promise<Mosquitto> {
  const one = await startMosquitto();
  onTestFinished(() => one.stop());
  return one;
}

/** Whoever speaks as the device gw1, with the pieces that came to it. */
async function asker(url: string) {
  const { link, connected } = watched(url);
  onTestFinished(() => link.close());
  link.start();
  await connected();
  const pieces: BlobData[] = [];
  const onMessage = ({ payload }: { payload: Uint8Array }) => void pieces.push(decodeBlobData(payload));
  await link.subscribe({ filter: topicOf(address, 'blob/data'), qos: 0, onMessage });
  const say = (payload: Uint8Array) => link.publish(topicOf(address, 'blob/get'), payload, { qos: 1 });
  return { pieces, say, ask: (change?: Partial<BlobGet>) => say(encodeBlobGet(request(change))) };
}

describe('the serving side', () => {
  it('goes on after whatever is no request, and says so', async () => {
    const { url } = await broker();
    const refused: string[] = [];
    await serving(url, await bundle({ m: CONTENT }), { refused: (_topic, { code }) => refused.push(code) });
    const { say, ask, pieces } = await asker(url);
    for (const payload of [Buffer.from('{}'), Buffer.alloc(100_000), Buffer.alloc(0)]) await say(payload);
    await ask();
    await eventually('the pieces', () => pieces.length === 2);
    expect(refused).toEqual(Array.from({ length: 3 }, () => 'protocol.not-a-blob-message'));
  });

  it('tells of a blob that it does not have', async () => {
    const { url } = await broker();
    const unknown: string[] = [];
    await serving(url, await bundle({ m: CONTENT }), { unknown: ({ sha256 }) => unknown.push(sha256) });
    const { ask } = await asker(url);
    await ask({ sha256: hexOf('other') });
    await eventually('the word', () => unknown.length > 0);
    expect(unknown).toEqual([hexOf('other')]);
  });

  it('serves no file that is no more what was hashed, and says which', async () => {
    const { url } = await broker();
    const index = await bundle({ 'wear/m': CONTENT });
    const changed: string[] = [];
    await serving(url, index, { changed: (path) => changed.push(path) });
    appendFileSync(join(index.folder, 'wear', 'm'), 'more');
    const { ask, pieces } = await asker(url);
    await ask();
    await eventually('the word', () => changed.length > 0);
    expect([changed[0], pieces]).toEqual(['wear/m', []]);
  });

  it('tells how far a device is', async () => {
    const { url } = await broker();
    const told: unknown[] = [];
    const service = await serving(url, await bundle({ m: CONTENT }), { progress: (one) => told.push(one) });
    const { ask, pieces } = await asker(url);
    await ask({ first: 3 });
    await eventually('the pieces', () => pieces.length === 2);
    const { site, device } = address;
    expect(told).toEqual([{ site, device, sha256: hexOf(CONTENT), path: 'm', isFile: true, at: 3_000, length: 5_000 }]);
    await eventually('the count', () => service.served === 2_000);
  });

  it('without a broker gives up after its time, and names the reason', async () => {
    const target = { url: `mqtt://127.0.0.1:${await freePort()}`, version: 'auto' as const, clientId: 'serving' };
    const service = new BlobService({ ...target, prefix: DEFAULT_PREFIX }, await bundle({}), {}, { logger: silent });
    await expect(service.start(300)).rejects.toThrow(expect.objectContaining({ code: 'serving.broker-unreachable' }));
  });
});
