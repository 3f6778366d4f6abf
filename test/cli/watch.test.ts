import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIX, decodeReceipt, encodeStatus, topicOf } from '../../src/common/protocol/index.ts';
import { runProgram } from '../../src/tools/cli/index.ts';
import { eventually, watched } from '../link/support.ts';
import { DEVICE, prediction, sealed, statusOf } from '../operator/batches.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { collector } from './support/collector.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const address = { prefix: DEFAULT_PREFIX, ...DEVICE };

function start(...argv: string[]) {
  const stdout = collector();
  const stderr = collector();
  return { stdout, stderr, status: runProgram(['watch', ...argv], { stdout, stderr, env: {} }) };
}

/** Whatever a terminal obeys, but for ends of lines and the program's own styles. */
const STEERS = /(?![\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;
const HOSTILE = 'x\x1b[2J\x9b31m\x7f\u202egnp.\ud800\r\n';

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
  const raw = (payload: Uint8Array | string, channel: 'records' | 'status' = 'records') =>
    link.publish(topicOf(address, channel), Buffer.from(payload), { qos: 1 });
  /** The seqs that somebody confirms, as they come. */
  const confirmations = async () => {
    const seqs: number[] = [];
    const onMessage = ({ payload }: { readonly payload: Uint8Array }) => {
      for (const [from, to] of decodeReceipt(payload).ranges) for (let seq = from; seq <= to; seq += 1) seqs.push(seq);
    };
    await link.subscribe({ filter: topicOf(address, 'receipt'), qos: 1, onMessage });
    return seqs;
  };
  return { url: broker.url, send, raw, confirmations };
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

describe('edgewright watch --receipts', () => {
  it('confirms what --type lets through, and nothing else', async () => {
    const { url, send, confirmations } = await plant();
    const seqs = await confirmations();
    const { stdout, stderr, status } = start(
      'lab/gateway-1',
      '--broker',
      url,
      '--json',
      '--receipts',
      '--type',
      'alarm',
    );
    await eventually('the status', () => stderr.text().includes('"event":"status"'));
    await send({ 1: prediction(), 2: prediction(), 3: prediction() });
    await send({ 4: prediction(), 5: alarm, 6: prediction() });
    await eventually('the receipt', () => seqs.length > 0);
    interrupt();
    expect(await status).toBe(0);
    expect([seqs, stdout.lines().map((line) => JSON.parse(line).seq)]).toEqual([[5], [5]]);
  });

  it('passes on whole what a later version says, and confirms it; as text, where it cannot, it does not', async () => {
    const later = { type: 'weather', t: 1, rain: { mm: [1, 2] }, seq: 2, clock: true };
    const known = { ...alarm, later: 'x', seq: 1, clock: true };
    const head = JSON.parse(Buffer.from(sealed({ 1: alarm })).toString());
    const batch = JSON.stringify({ ...head, first: 1, last: 2, records: [known, later] });
    for (const json of [true, false]) {
      const { url, raw, confirmations } = await plant();
      const seqs = await confirmations();
      const { stdout, stderr, status } = start(
        'lab/gateway-1',
        '--broker',
        url,
        '--receipts',
        ...(json ? ['--json'] : []),
      );
      await eventually('the status', () => `${stdout.text()}${stderr.text()}`.includes('online'));
      await raw(batch);
      await eventually('the receipt', () => seqs.length > 0);
      interrupt();
      expect(await status).toBe(0);
      expect(seqs).toEqual(json ? [1, 2] : [1]);
      const identity = { ...DEVICE, boot: 'a'.repeat(32) };
      if (json)
        expect(stdout.lines().map((line) => JSON.parse(line))).toEqual(
          [known, later].map((one) => ({ ...identity, ...one })),
        );
    }
  });

  it.each([
    ['EPIPE', 0],
    ['ENOSPC', 1],
  ])('ends when its output fails with %s, and confirms nothing that was not written', async (code, expected) => {
    const { url, send, confirmations } = await plant();
    const seqs = await confirmations();
    const written: string[] = [];
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        if (written.length > 0) return done(Object.assign(new Error(`write ${code}`), { code }));
        written.push(String(chunk));
        done();
      },
    }).on('error', () => {});
    const stderr = collector();
    const argv = ['watch', 'lab/gateway-1', '--broker', url, '--json', '--receipts'];
    const status = runProgram(argv, { stdout, stderr, env: {} });
    await eventually('the status', () => stderr.text().includes('"event":"status"'));
    await send({ 1: prediction() });
    await send({ 2: prediction(), 3: prediction() });
    expect(await status).toBe(expected);
    expect([seqs, written.length]).toEqual([[1], 1]);
    expect(stderr.text().includes('cli.output-lost')).toBe(expected === 1);
  });
});

describe('edgewright watch, of what is hostile', () => {
  it.each([['--json'], []])('lets nothing steer the terminal: %s', async (...options) => {
    const { url, send, raw } = await plant();
    const { stdout, stderr, status } = start('lab/gateway-1', '--broker', url, ...options);
    await eventually('the status', () => `${stdout.text()}${stderr.text()}`.includes('online'));
    await raw(JSON.stringify({ schema: HOSTILE, [HOSTILE]: 1 }));
    await raw(HOSTILE);
    await raw(JSON.stringify(statusOf(12, 0, { versions: { [HOSTILE]: HOSTILE } })), 'status');
    await raw(JSON.stringify({ ...statusOf(12, 0), boot: HOSTILE }), 'status');
    await send({ 11: prediction({ asset: HOSTILE, pipeline: HOSTILE }), 12: { ...alarm, alarm: HOSTILE } });
    await eventually('the records', () => stdout.text().includes('gnp.'));
    interrupt();
    expect(await status).toBe(0);
    expect([stdout.text().match(STEERS), stderr.text().match(STEERS)]).toEqual([null, null]);
    const said = stdout.lines().filter((line) => line.includes('gnp.'));
    expect(said).toHaveLength(2);
    if (options.length > 0) expect(JSON.parse(said[0] ?? '')).toMatchObject({ asset: HOSTILE, pipeline: HOSTILE });
  });

  it('refuses a gzip bomb of small records at once', async () => {
    const { url, raw, send } = await plant();
    const { stdout, stderr, status } = start('lab/gateway-1', '--broker', url, '--json');
    await eventually('the status', () => stderr.text().includes('"event":"status"'));
    await raw(gzipSync(`{"records":[${'{},'.repeat(20_000_000)}{}]}`));
    await raw(Buffer.alloc(2 * 1024 * 1024, '{'));
    await send({ 11: prediction() });
    await eventually('what comes behind it', () => stdout.lines().length === 1);
    interrupt();
    expect(await status).toBe(0);
    const refused = stderr
      .lines()
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'refused');
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('more than 1048576 bytes unpacked'),
      expect.stringContaining('2097152 bytes'),
    ]);
  });
});
