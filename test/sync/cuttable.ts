import { once } from 'node:events';
import net from 'node:net';

export interface Cuttable {
  readonly url: string;
  /** Drops what is connected and refuses what comes. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

/** A cable to a broker that can be cut. */
export async function cuttable(url: string): Promise<Cuttable> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<net.Socket>();
  let whole = true;
  const server = net.createServer((near) => {
    const far = net.connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
    if (!whole) near.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    cut() {
      whole = false;
      drop();
    },
    mend() {
      whole = true;
    },
    async stop() {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}
