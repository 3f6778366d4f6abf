import { once } from 'node:events';
import net from 'node:net';

/** A packet as it came: type (3: PUBLISH, ...), its flags, its body. */
export interface RawPacket {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

export interface Peer {
  send(bytes: Buffer | number[]): void;
  /** Closes without a word. */
  hangUp(): void;
}

export interface ScriptedBroker {
  readonly url: string;
  readonly connections: number;
  stop(): Promise<void>;
}

/** A broker that does what the script says, down to what no real broker can be made to do. */
export async function scriptedBroker(
  script: (packet: RawPacket, peer: Peer, connection: number) => void,
): Promise<ScriptedBroker> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    const number = connections;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const peer = {
      send: (bytes: Buffer | number[]) => socket.write(Buffer.from(bytes)),
      hangUp: () => socket.destroy(),
    };
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let packet = takePacket(bytes); packet !== undefined; packet = takePacket(bytes)) {
        bytes = bytes.subarray(packet.size);
        script(packet, peer, number);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** The first packet of a stream, once all of it is there. */
export function takePacket(bytes: Buffer): (RawPacket & { size: number }) | undefined {
  let length = 0;
  for (let i = 1; i <= 4 && i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte >= 0x80) continue;
    const size = 1 + i + length;
    if (bytes.length < size) return undefined;
    const first = bytes[0] ?? 0;
    return { type: first >> 4, flags: first & 15, body: bytes.subarray(1 + i, size), size };
  }
  return undefined;
}

export const Type = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  subscribe: 8,
  pingreq: 12,
  disconnect: 14,
} as const;

export const CONNACK_5 = [0x20, 3, 0, 0, 0];
export const CONNACK_311 = [0x20, 2, 0, 0];

/** Protocol level of a CONNECT: 4 or 5. */
export function level(connect: RawPacket): number | undefined {
  return connect.body[6];
}

export function topicOf(publish: RawPacket): string {
  return publish.body.subarray(2, 2 + publish.body.readUInt16BE(0)).toString();
}

/** MQTT 5's PUBACK for a PUBLISH of QoS 1. */
export function puback(publish: RawPacket, reason = 0): Buffer {
  const at = 2 + publish.body.readUInt16BE(0);
  return Buffer.from([0x40, 4, ...publish.body.subarray(at, at + 2), reason, 0]);
}
