import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Logger } from '../../src/common/core/index.ts';
import { topicOf as topicOfDevice } from '../../src/common/protocol/index.ts';
import {
  CONNACK_5,
  CONNACK_311,
  type Peer,
  puback,
  type RawPacket,
  scriptedBroker,
  Type,
  topicOf,
} from '../link/scripted-broker.ts';
import { eventually, silent } from '../link/support.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { consumer, gateway, predictions } from './plant.ts';

interface Forms {
  readonly version: '5' | '3.1.1';
  readonly connack: readonly number[];
  readonly ack: (publish: RawPacket) => Buffer | number[];
}
const FORMS: Forms[] = [
  { version: '5', connack: CONNACK_5, ack: puback },
  { version: '3.1.1', connack: CONNACK_311, ack: (publish) => [0x40, 2, ...puback(publish).subarray(2, 4)] },
];

/** A gateway at a broker that answers everything but what `script` does, which returns true where it did. */
async function gatewayAt({ version, connack, ack }: Forms, script: (packet: RawPacket, peer: Peer) => boolean) {
  const broker = await scriptedBroker((packet, peer) => {
    if (packet.type === Type.connect) return peer.send([...connack]);
    if (script(packet, peer)) return;
    if (packet.type === Type.publish) peer.send(ack(packet));
    if (packet.type !== Type.subscribe) return;
    const id = packet.body.subarray(0, 2);
    peer.send(version === '5' ? [0x90, 4, ...id, 0, 1] : [0x90, 3, ...id, 1]);
  });
  onTestFinished(() => broker.stop());
  const lines: { message: string; fields: Readonly<Record<string, unknown>> | undefined }[] = [];
  const note: Logger['warn'] = (message, fields) => void lines.push({ message, fields });
  const conflicts: unknown[] = [];
  const made = gateway(broker.url, { version }, 'gw', { ...silent, warn: note, error: note }, (it) =>
    conflicts.push(it),
  );
  onTestFinished(() => made.uplink.stop(0));
  return { ...made, broker, lines, conflicts };
}

describe.each(FORMS)('a broker that hangs up, over MQTT $version', (forms) => {
  it.each([
    ['the status', 'a message to edgewright/v1/plant/gw/status', (p: RawPacket) => p.type === Type.publish],
    ['the commands', 'a subscription to edgewright/v1/plant/gw/command', (p: RawPacket) => p.type === Type.subscribe],
    [
      'the records',
      'a message to edgewright/v1/plant/gw/records',
      (p: RawPacket) => p.type === Type.publish && topicOf(p).endsWith('records'),
    ],
  ])('since it forbids the topic of %s is not told as a twin, and what was sent is', async (_name, what, isIt) => {
    let listens = false;
    const { uplink, outbox, broker, lines, conflicts } = await gatewayAt(forms, (packet, peer) => {
      if (packet.type === Type.subscribe) listens ||= packet.body.includes('/status');
      if (isIt(packet)) peer.hangUp();
      return isIt(packet);
    });
    outbox.commit(predictions(3));
    uplink.start();
    await eventually('many connections', () => broker.connections > 8);
    // Nor is it reason to look for one: the broker owed an answer.
    expect([conflicts, uplink.status().identityConflict, listens]).toEqual([[], undefined, false]);
    const waiting = await eventually('a wait', () => {
      const status = uplink.status();
      return status.state === 'waiting' && status;
    });
    expect(waiting.reason).toContain(what);
    expect(waiting.retryInMs).toBeLessThanOrEqual(40);
    const down = lines.find(({ message }) => message.startsWith('uplink down'));
    expect(down?.fields).toMatchObject({
      reason: expect.stringContaining(what),
      hint: expect.stringContaining('policy'),
    });
  });

  it('after it has answered everything is no twin either: nobody was seen', async () => {
    const { uplink, broker, conflicts } = await gatewayAt(forms, (packet, peer) => {
      if (packet.type !== Type.publish) return false;
      peer.send(forms.ack(packet));
      setImmediate(() => peer.hangUp());
      return true;
    });
    uplink.start();
    await eventually('many connections', () => broker.connections > 12);
    expect([conflicts, uplink.status().identityConflict]).toEqual([[], undefined]);
  });
});

describe('a broker of MQTT 5', () => {
  it('that says why it closes is quoted, in status too', async () => {
    const { uplink, broker, lines, conflicts } = await gatewayAt(FORMS[0] as Forms, (packet, peer) => {
      // DISCONNECT: Not authorized.
      if (packet.type === Type.publish) peer.send([0xe0, 2, 0x87, 0]);
      return packet.type === Type.publish;
    });
    uplink.start();
    await eventually('many connections', () => broker.connections > 8);
    expect(conflicts).toEqual([]);
    const text = /closed by the broker: Not authorized, with a message to edgewright\/v1\/plant\/gw\/status/;
    expect(await eventually('the reason', () => uplink.status().reason)).toMatch(text);
    expect(lines.find(({ message }) => message.startsWith('uplink down'))?.fields?.['reason']).toMatch(text);
  });

  it('that says that another came is believed', async () => {
    const { uplink, conflicts } = await gatewayAt(FORMS[0] as Forms, (packet, peer) => {
      if (packet.type === Type.publish) peer.send([0xe0, 2, 0x8e, 0]);
      return packet.type === Type.publish;
    });
    uplink.start();
    await eventually('the conflict', () => conflicts.length > 0);
    expect(conflicts).toEqual([{ clientId: 'edgewright-plant-gw', certain: true }]);
    expect(uplink.status().retryInMs).toBeGreaterThan(50_000);
  });

  it('that takes no status is named once, and in status', async () => {
    let statuses = 0;
    const { uplink, lines } = await gatewayAt(FORMS[0] as Forms, (packet, peer) => {
      if (packet.type === Type.publish) {
        statuses += 1;
        peer.send(puback(packet, 0x87));
      }
      return packet.type === Type.publish;
    });
    uplink.start();
    const reason = await eventually('the reason', () => uplink.status().reason);
    expect(reason).toBe('the broker takes no status: refused with reason code 0x87 (Not authorized)');
    uplink.changed();
    await eventually('the next status', () => statuses >= 2);
    // Its answer is taken by the time that another way round is through.
    await uplink.stop(1_000);
    expect(lines.filter(({ message }) => message === 'broker does not take the status')).toHaveLength(1);
  });

  it('with an ACL that forbids all but the records gets the records, and is quoted', async () => {
    const acl = await aclFile('topic read #\ntopic write +/+/+/+/records');
    const broker = await startMosquitto({ config: `acl_file ${acl}` });
    onTestFinished(() => broker.stop());
    const { uplink, outbox, device } = gateway(broker.url, { version: '5' });
    onTestFinished(() => uplink.stop(0));
    const reader = await consumer(broker.url, device);
    onTestFinished(() => reader.link.close());
    outbox.commit(predictions(5));
    uplink.start();
    await eventually('the records', () => outbox.confirmed.size === 5);
    expect(uplink.status().reason).toMatch(/takes no status: .*Not authorized/);
  });

  it('never has more in flight than its Receive Maximum, replies and status included', async () => {
    const RECEIVE_MAXIMUM = 4;
    const waiting: (() => void)[] = [];
    const topics = new Set<string>();
    let most = 0;
    let peerOf: Peer | undefined;
    const broker = await scriptedBroker((packet, peer) => {
      if (packet.type === Type.connect) {
        peerOf = peer;
        peer.send([0x20, 6, 0, 0, 3, 0x21, 0, RECEIVE_MAXIMUM]);
      }
      if (packet.type === Type.subscribe) peer.send([0x90, 4, ...packet.body.subarray(0, 2), 0, 1]);
      if (packet.type !== Type.publish) return;
      topics.add(topicOf(packet).split('/').at(-1) ?? '');
      waiting.push(() => peer.send(puback(packet)));
      most = Math.max(most, waiting.length);
    });
    onTestFinished(() => broker.stop());
    const { uplink, outbox } = gateway(broker.url, { version: '5', batch: { records: 1 } }, 'gw');
    onTestFinished(() => uplink.stop(0));
    outbox.commit(predictions(20));
    uplink.start();
    await eventually('the birth', () => waiting.length === 1);
    for (let n = 0; n < 10; n += 1) peerOf?.send(command(`c${n}`));
    uplink.changed();
    await eventually('all places in use', () => waiting.length === RECEIVE_MAXIMUM);
    await eventually('everything answered', () => {
      waiting.shift()?.();
      return outbox.confirmed.size === 20 && topics.has('reply');
    });
    expect([most, [...topics].sort()]).toEqual([RECEIVE_MAXIMUM, ['records', 'reply', 'status']]);
  });
});

/** A PUBLISH of QoS 0 to the gateway's commands. */
function command(id: string): Buffer {
  const topic = Buffer.from('edgewright/v1/plant/gw/command');
  const payload = Buffer.from(JSON.stringify({ id, command: 'status' }));
  return Buffer.concat([
    Buffer.from([0x30, topic.length + payload.length + 3, 0, topic.length]),
    topic,
    Buffer.from([0]),
    payload,
  ]);
}

async function aclFile(rules: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewright-acl-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'acl');
  // Started by root, Mosquitto reads it as a user of its own.
  await chmod(folder, 0o755);
  await writeFile(file, `${rules}\n`);
  return file;
}

describe.each(['5', '3.1.1'])('a broker that lacks something, over MQTT %s', (version) => {
  it('retained messages: the status goes unretained, says so, and records flow', async () => {
    const broker = await startMosquitto({ config: 'retain_available false' });
    onTestFinished(() => broker.stop());
    const { uplink, outbox, device } = gateway(broker.url, { version });
    onTestFinished(() => uplink.stop(1_000));
    const reader = await consumer(broker.url, device);
    onTestFinished(() => reader.link.close());
    outbox.commit(predictions(5));
    uplink.start();
    await eventually('the records', () => outbox.confirmed.size === 5 && reader.records.length === 5);
    expect(reader.statuses.some(({ online }) => online)).toBe(true);
    expect(uplink.status()).toMatchObject({ state: 'connected', without: [expect.stringContaining('retained')] });
  });

  it('QoS 1, with receipts: they confirm what it is sent', async () => {
    const broker = await startMosquitto({ config: 'max_qos 0' });
    onTestFinished(() => broker.stop());
    const { uplink, outbox, device } = gateway(broker.url, { version, receipts: 'required' });
    onTestFinished(() => uplink.stop(0));
    const reader = await consumer(broker.url, device);
    onTestFinished(() => reader.link.close());
    outbox.commit(predictions(5));
    uplink.start();
    await eventually('the records', () => reader.records.length === 5);
    expect(outbox.confirmed.size).toBe(0);
    const address = { prefix: 'edgewright/v1', site: 'plant', device };
    const { boot } = reader.book() ?? { boot: '' };
    const receipt = Buffer.from(JSON.stringify({ boot, ranges: [[1, 5]] }));
    await reader.link.publish(topicOfDevice(address, 'receipt'), receipt, { qos: 0 });
    await eventually('the confirmations', () => outbox.confirmed.size === 5);
    expect(uplink.status().without?.at(-1)).toContain('receipts alone');
  });

  it('QoS 1, without receipts: records wait, since nothing would confirm them, and status says why', async () => {
    const broker = await startMosquitto({ config: 'max_qos 0' });
    onTestFinished(() => broker.stop());
    const { uplink, outbox, device } = gateway(broker.url, { version });
    onTestFinished(() => uplink.stop(0));
    const reader = await consumer(broker.url, device);
    onTestFinished(() => reader.link.close());
    outbox.commit(predictions(5));
    uplink.start();
    await eventually('the status', () => reader.statuses.some(({ online }) => online));
    await eventually('the reason', () => uplink.status().reason?.includes('uplink.receipts'));
    expect([outbox.pending, outbox.confirmed.size, reader.records.length]).toEqual([5, 0, 0]);
  });
});
