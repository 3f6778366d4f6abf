import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../src/tools/cli/index.ts';
import { CONNACK_5, scriptedBroker, Type } from '../link/scripted-broker.ts';
import { watched } from '../link/support.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { configFile } from './support/cli.ts';
import { collector } from './support/collector.ts';

/** Runs `check --online --json` here. */
async function check(file: string) {
  const stdout = collector();
  const status = await runProgram(['check', file, '--online', '--json'], { stdout, stderr: collector(), env: {} });
  return { status, problems: stdout.lines().map((line) => JSON.parse(line)) };
}

describe('check --online', () => {
  const online = async (config: string, uplink: object = {}, sources: object = {}) => {
    const broker = await startMosquitto({ config });
    onTestFinished(() => broker.stop());
    const statuses: string[] = [];
    const { link } = watched(broker.url);
    onTestFinished(() => link.close());
    link.start();
    await link.subscribe({
      filter: '+/+/+/+/status',
      qos: 0,
      onMessage: ({ payload }) => void statuses.push(`${payload}`),
    });
    const named = Object.fromEntries(Object.entries(sources).map(([name, one]) => [name, { ...one, url: broker.url }]));
    const file = await configFile({ pipelines: {}, sources: named, uplink: { url: broker.url, ...uplink } });
    const checked = await check(file);
    // It changes nothing: its will is not told.
    expect(statuses).toEqual([]);
    return checked;
  };
  const LACKS = 'link.broker-lacks';

  it('finds a broker good that takes everything', async () => {
    expect(await online('', { receipts: 'required' })).toEqual({ status: 0, problems: [] });
  });

  it.each(['5', '3.1.1'])(
    'finds one good under MQTT %s that keeps no retained messages, as run does',
    async (version) => {
      const { status, problems } = await online('retain_available false', { version });
      expect(status).toBe(0);
      const warning = {
        severity: 'warning',
        path: 'uplink.url',
        code: LACKS,
        message: expect.stringContaining('retained'),
      };
      expect(problems).toEqual(version === '5' ? [expect.objectContaining(warning)] : []);
    },
  );

  it.each([
    ['none', 1, 'error', 'records wait'],
    ['required', 0, 'warning', 'receipts alone'],
  ])('says what becomes of records without QoS 1, receipts %s', async (receipts, exit, severity, message) => {
    const { status, problems } = await online('max_qos 0', { receipts, version: '5' });
    expect(status).toBe(exit);
    expect(problems).toEqual([
      expect.objectContaining({ severity, path: 'uplink.url', code: LACKS, message: expect.stringContaining(message) }),
    ]);
  });

  it('says of a source what its broker will not keep', async () => {
    const line = { type: 'mqtt', topic: 'factory/{asset}/{tag}', version: '5' };
    const { status, problems } = await online('max_qos 0', { receipts: 'required', version: '5' }, { line });
    expect(status).toBe(0);
    expect(problems).toContainEqual(expect.objectContaining({ path: 'sources.line.url', code: LACKS }));
  });

  it.each([
    ['that a broker refuses, a warning where it is for commands', 0, Buffer.from([0x90, 4, 0, 0, 0, 0x87])],
    ['over which a broker hangs up, an error', 1, undefined],
  ])('names a topic %s', async (_name, exit, suback) => {
    const broker = await scriptedBroker((packet, peer) => {
      if (packet.type === Type.connect) peer.send(CONNACK_5);
      if (packet.type !== Type.subscribe) return;
      if (suback === undefined) peer.hangUp();
      else peer.send(Buffer.concat([suback.subarray(0, 2), packet.body.subarray(0, 2), suback.subarray(4)]));
    });
    onTestFinished(() => broker.stop());
    const file = await configFile({ pipelines: {}, sources: {}, uplink: { url: broker.url, version: '5' } });
    const { status, problems } = await check(file);
    expect([status, problems]).toEqual([exit, [expect.anything()]]);
    expect(problems[0].message).toMatch(/edgewright\/v1\/\w+\/[\w-]+\/command/);
  });
});
