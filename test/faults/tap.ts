import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type RawPacket, takePacket } from '../link/scripted-broker.ts';

/** What becomes of a packet on its way; `answer` goes back to who sent it, instead. */
export type Fate =
  | { readonly do: 'pass' | 'drop' | 'hang-up' }
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'replace' | 'answer'; readonly bytes: Buffer };

export type Rule = (packet: RawPacket) => Fate;

export const PASS: Fate = { do: 'pass' };

/** Sits between a gateway and a real broker, and makes that broker do what no real one can be made to do. */
export class Tap {
  /** For what the gateway sends. */
  up: Rule = () => PASS;
  /** For what the broker sends. */
  down: Rule = () => PASS;
  readonly #server = createServer((near) => this.#arrive(near));
  readonly #sockets = new Set<Socket>();
  readonly #brokerPort: number;

  private constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
  }

  static async open(brokerPort: number): Promise<Tap> {
    const tap = new Tap(brokerPort);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends every connection that stands. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.hangUp();
    await closed;
  }

  #arrive(near: Socket): void {
    const far = connect(this.#brokerPort, '127.0.0.1');
    this.#carry(near, far, (packet) => this.up(packet));
    this.#carry(far, near, (packet) => this.down(packet));
  }

  #carry(from: Socket, to: Socket, rule: Rule): void {
    this.#sockets.add(from);
    from.on('error', () => from.destroy());
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    let bytes = Buffer.alloc(0);
    // What is delayed keeps its place: a broker answers in order.
    let order = Promise.resolve();
    from.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let packet = takePacket(bytes); packet !== undefined; packet = takePacket(bytes)) {
        const raw = Buffer.from(bytes.subarray(0, packet.size));
        bytes = bytes.subarray(packet.size);
        const fate = rule(packet);
        order = order.then(() => apply(fate, raw, from, to));
      }
    });
  }
}

async function apply(fate: Fate, raw: Buffer, from: Socket, to: Socket): Promise<void> {
  if (fate.do === 'delay') await new Promise((resolve) => setTimeout(resolve, fate.ms));
  if (fate.do === 'pass' || fate.do === 'delay') to.write(raw);
  if (fate.do === 'replace') to.write(fate.bytes);
  if (fate.do === 'answer') from.write(fate.bytes);
  if (fate.do === 'hang-up') from.destroy();
}
