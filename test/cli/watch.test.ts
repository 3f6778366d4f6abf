import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIX, encodeStatus, topicOf } from '../../src/common/protocol/index.ts';
import { runProgram } from '../../src/tools/cli/index.ts';
import { eventually, watched } from '../link/support.ts';
import { DEVICE, prediction, sealed, statusOf } from '../operator/batches.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const address = { prefix: DEFAULT_PREFIX, ...DEVICE };

function collector() {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => text, lines: () => text.split('\n').filter((line) => line !== '') });
}

function start(...argv: string[]) {
  const stdout = collector();
  const stderr = collector();
  return { stdout, stderr, status: runProgram(['watch', ...argv], { stdout, stderr, env: {} }) };
}

/** Ctrl-C for the command alone: vitest listens as well. */
function interrupt(): void {
  for (const listener of process.listeners('SIGINT').slice(-1)) listener('SIGINT');
}

/** A broker with a device that was there before, and what it sends now. */
async function plant() {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  const { link, connected } = watched(broker.url);
  cleanups.push(() => link.close());
  link.start();
  await connected();
  const send = (seqs: Parameters<typeof sealed>[0], gzip = false) =>
    link.publish(topicOf(address, 'records'), sealed(seqs, undefined, gzip), { qos: 1 });
  await link.publish(topicOf(address, 'status'), encodeStatus(statusOf(10, 0)), { qos: 1, retain: true });
  return { url: broker.url, send };
}

const alarm = {
  type: 'alarm',
  t: Date.UTC(2026, 0, 2),
  pipeline: 'anomaly',
  asset: 'pump-2',
  alarm: 'abnormal',
  state: 'raised',
  severity: 'high',
  since: 0,
  prediction: { from: 0, to: 1, output: { score: 2 } },
} as const;

describe('edgewright watch', () => {
  it('writes each record unpacked and ends with the books', async () => {
    const { url, send } = await plant();
    const { stdout, status } = start('lab/gateway-1', '--broker', url);
    await eventually('the status', () => stdout.text().includes('online'));
    await send({ 11: prediction({ asset: 'pump-1' }), 12: prediction({ asset: 'pump-2', decision: 'anomaly' }) }, true);
    await send({ 12: prediction(), 15: alarm });
    await eventually('the alarm', () => stdout.text().includes('abnormal raised'));
    interrupt();
    expect(await status).toBe(0);
    const text = stdout.text();
    expect(text).toMatch(/2026-01-02T03:04:05\.000Z +prediction +anomaly +pump-1 +score 1\.235 +normal +Good/);
    expect(text).toMatch(/pump-2 +score 1\.235 +anomaly/);
    expect(text).toContain('received 3, duplicates 1, lost 0, missing 2');
    expect(text).toContain('seqs 13-14');
  });

  it('writes records as they came with --json, and only those; of chosen types', async () => {
    const { url, send } = await plant();
    const { stdout, stderr, status } = start('lab/gateway-1', '--broker', url, '--json', '--type', 'alarm');
    await eventually('the status', () => stderr.text().includes('"event":"status"'));
    await send({ 11: prediction(), 12: alarm });
    await send({ 12: alarm });
    await eventually('both', () => stdout.lines().length === 2);
    interrupt();
    expect(await status).toBe(0);
    const identity = { ...DEVICE, boot: 'a'.repeat(32), seq: 12, clock: true };
    const records = stdout.lines().map((line) => JSON.parse(line));
    expect(records).toEqual([
      { ...identity, ...alarm },
      { ...identity, ...alarm, duplicate: true },
    ]);
    expect(
      stderr
        .lines()
        .map((line) => JSON.parse(line))
        .at(-1),
    ).toMatchObject({ event: 'books', duplicates: 1 });
  });

  it('takes site, device and broker from a configuration', async () => {
    const { url } = await plant();
    const folder = await mkdtemp(join(tmpdir(), 'edgewright-watch-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'gateway.yaml');
    await writeFile(file, `{ site: lab, device: gateway-1, sources: {}, pipelines: {}, uplink: { url: '${url}' } }`);
    const { stdout, status } = start(file);
    await eventually('the connection', () => stdout.text().includes('watching lab/gateway-1'));
    interrupt();
    expect(await status).toBe(0);
  });

  it('ends by itself after --for', async () => {
    const { url } = await plant();
    const { stdout, status } = start('lab/gateway-1', '--broker', url, '--for', '50ms');
    expect(await status).toBe(0);
    expect(stdout.text()).toContain('received 0');
  });

  it('ends with 1 and a reason where there is no broker', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const { stderr, status } = start('lab/gateway-1', '--broker', url, '--timeout', '300ms');
    expect(await status).toBe(1);
    expect(stderr.text()).toContain('ECONNREFUSED');
    expect(stderr.text()).toContain('operator.broker-unreachable');
  });

  it.each([
    ['a device without a site', ['gateway-1', '--broker', 'mqtt://localhost']],
    ['a device without a broker', ['lab/gateway-1']],
    ['a configuration that is not there', ['nowhere.yaml']],
    ['an unknown type', ['lab/gateway-1', '--broker', 'mqtt://localhost', '--type', 'weather']],
    ['a time that is none', ['lab/gateway-1', '--broker', 'mqtt://localhost', '--for', 'ever']],
    ['a broker of another kind', ['lab/gateway-1', '--broker', 'http://localhost']],
    ['an unknown option', ['lab/gateway-1', '--loud']],
  ])('refuses %s as wrong usage', async (_name, argv) => {
    const { stderr, stdout, status } = start(...argv);
    expect(await status).toBe(2);
    expect(stderr.text()).not.toBe('');
    expect(stdout.text()).toBe('');
  });
});
