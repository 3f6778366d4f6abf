import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { EdgewrightError } from '../core/index.ts';
import { protocolBroken } from './errors.ts';
import { IncomingFilter, type IncomingOptions, IncomingStream } from './incoming.ts';
import type { Target } from './target.ts';

/** Opens the socket that mqtt.js is given; `fail` is told of incoming bytes that are no MQTT. */
export function openSocket(target: Target, incoming: IncomingOptions, fail: (error: EdgewrightError) => void): Duplex {
  const { host, port, secure } = target;
  const socket =
    secure === undefined
      ? net.connect({ host, port })
      : tls.connect({ host, port, secureContext: secure, ...(net.isIP(host) === 0 ? { servername: host } : {}) });
  socket.setNoDelay(true);
  const filter = new IncomingStream(new IncomingFilter(incoming));
  filter.on('error', (error) => fail(protocolBroken(target.name, error.message, { cause: error })));
  const pipe = socket.pipe.bind(socket);
  // mqtt.js reads the stream by piping it into its parser: the filter goes in between.
  socket.pipe = (destination) => pipe(filter).pipe(destination);
  return socket;
}
