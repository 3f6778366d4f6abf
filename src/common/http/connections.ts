import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The most connections at a time. */
export const MAX_CONNECTIONS = 64;

/**
 * Bounds the connections of a server so that a new one always gets in: beyond the limit the one goes that has waited
 * longest without a request of its own to be answered, or, where all are being answered, the oldest. So clients that
 * are silent, slow or idle keep nobody out.
 */
export function boundConnections(server: Server, limit: number = MAX_CONNECTIONS): void {
  /** In the order in which they began to wait. */
  const waiting = new Set<Socket>();
  const answering = new Map<Socket, number>();
  server.on('connection', (socket) => {
    waiting.add(socket);
    socket.once('close', () => {
      waiting.delete(socket);
      answering.delete(socket);
    });
    if (waiting.size + answering.size > limit) oldest(waiting, answering)?.destroy();
  });
  server.on('request', ({ socket }, response: ServerResponse) => {
    waiting.delete(socket);
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (answering.get(socket) ?? 1) - 1;
      if (left > 0) answering.set(socket, left);
      else if (answering.delete(socket) && !socket.destroyed) waiting.add(socket);
    });
  });
}

/** The first that waits; the newest one waits, too, and goes only where it is alone with those being answered. */
function oldest(waiting: ReadonlySet<Socket>, answering: ReadonlyMap<Socket, number>): Socket | undefined {
  const [first, second] = waiting;
  if (second !== undefined) return first;
  const [busy] = answering.keys();
  return busy ?? first;
}
