import { describe, expect, it, onTestFinished } from 'vitest';
import { CONNACK_311, puback, type RawPacket, scriptedBroker, Type } from '../link/scripted-broker.ts';
import { eventually } from '../link/support.ts';
import { gateway, predictions } from './plant.ts';

/** As AWS IoT Core has it: 100 messages in flight, 128 KiB a message, and whoever sends more is thrown out. */
const IN_FLIGHT = 100;
const BYTES = 128 * 1024;
const CONNACK_5 = [0x20, 11, 0, 0, 8, 0x21, 0, IN_FLIGHT, 0x27, 0, 2, 0, 0];
/** MQTT 3.1.1's PUBACK, which has no reason. */
const plainAck = (publish: RawPacket) => Buffer.from([0x40, 2, ...puback(publish).subarray(2, 4)]);

describe.each([
  ['5', CONNACK_5, puback],
  ['3.1.1', CONNACK_311, plainAck],
] as const)('a broker with the limits of AWS IoT, over MQTT %s', (version, connack, ack) => {
  it('takes everything, and never has a reason to throw the gateway out', async () => {
    let most = 0;
    let largest = 0;
    const waiting: (() => void)[] = [];
    const broker = await scriptedBroker((packet, peer) => {
      if (packet.type === Type.connect) peer.send([...connack]);
      if (packet.type !== Type.publish) return;
      largest = Math.max(largest, packet.body.length);
      waiting.push(() => peer.send(ack(packet)));
      most = Math.max(most, waiting.length);
      if (waiting.length > IN_FLIGHT || packet.body.length > BYTES) peer.hangUp();
    });
    onTestFinished(() => broker.stop());
    // A slow broker: it answers what it has gathered meanwhile.
    const answering = setInterval(() => {
      for (const answer of waiting.splice(0)) answer();
    }, 20);
    onTestFinished(() => clearInterval(answering));
    const config = {
      version,
      window: 1_000,
      gzip: false,
      batch: { records: 500, size: '1MiB' },
      backlog: { rate: '1GiB' },
    };
    const { outbox, uplink } = gateway(broker.url, version === '5' ? config : { ...config, window: 16, batch: {} });
    onTestFinished(() => uplink.stop(0));
    outbox.commit(predictions(20_000));
    uplink.start();
    await eventually('the confirmations', () => outbox.confirmed.size === 20_000, 30_000);
    expect([broker.connections, most <= IN_FLIGHT, largest <= BYTES]).toEqual([1, true, true]);
  });
});
