import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a broker on loopback. */
export interface Cable {
  readonly url: string;
  /** Ends what stands and refuses what comes: the cable is out. */
  cut(): void;
  /** Swallows every byte and says nothing: a modem that lost its signal. */
  freeze(): void;
  /** New connections go through; those that were frozen are dead. */
  mend(): void;
  close(): Promise<void>;
}

export async function startCable(brokerPort: number): Promise<Cable> {
  const cable = new TcpCable(brokerPort);
  await cable.listen();
  return cable;
}

class TcpCable implements Cable {
  readonly #brokerPort: number;
  readonly #server = createServer((near) => this.#arrive(near));
  readonly #sockets = new Set<Socket>();
  #state: 'whole' | 'cut' | 'frozen' = 'whole';

  constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  cut(): void {
    this.#state = 'cut';
    this.#drop();
  }

  freeze(): void {
    this.#state = 'frozen';
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  mend(): void {
    if (this.#state === 'frozen') this.#drop();
    this.#state = 'whole';
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#drop();
    await closed;
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #arrive(near: Socket): void {
    this.#keep(near);
    if (this.#state === 'cut') near.destroy();
    if (this.#state !== 'whole') return;
    const far = connect(this.#brokerPort, '127.0.0.1');
    this.#keep(far);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
