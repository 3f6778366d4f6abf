import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between one client and a broker on loopback that can be cut and mended. */
export interface LinkSwitch {
  readonly port: number;
  readonly url: string;
  readonly cut: boolean;
  /** Cuts the network: connections end, and new ones get no answer, as where packets are swallowed. */
  sever(): void;
  /** Mends the network: a connection that waits goes through. */
  mend(): void;
  close(): Promise<void>;
}

/** Listens on a free port of loopback, and passes connections on to the broker's port. */
export async function startLinkSwitch(brokerPort: number): Promise<LinkSwitch> {
  const link = new TcpSwitch(brokerPort);
  await link.listen();
  return link;
}

class TcpSwitch implements LinkSwitch {
  readonly #brokerPort: number;
  readonly #server = createServer({ pauseOnConnect: true }, (socket) => this.#arrive(socket));
  readonly #sockets = new Set<Socket>();
  /** The latest connection that found the network cut; earlier ones were given up by the client. */
  #waiting: Socket | undefined;
  #cut = false;

  constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
  }

  get cut(): boolean {
    return this.#cut;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  sever(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
    if (this.#waiting !== undefined && !this.#waiting.destroyed) this.#join(this.#waiting);
    this.#waiting = undefined;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #arrive(socket: Socket): void {
    this.#keep(socket);
    if (!this.#cut) this.#join(socket);
    else {
      this.#waiting?.destroy();
      this.#waiting = socket;
    }
  }

  #join(socket: Socket): void {
    const broker = connect(this.#brokerPort, '127.0.0.1');
    this.#keep(broker);
    socket.pipe(broker);
    broker.pipe(socket);
    socket.once('close', () => broker.destroy());
    broker.once('close', () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
