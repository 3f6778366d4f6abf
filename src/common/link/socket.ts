import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import type { EdgewrightError } from '../core/index.ts';
import { protocolBroken } from './errors.ts';
import { IncomingFilter, type IncomingOptions, IncomingStream } from './incoming-filter.ts';
import type { Target } from './target.ts';

/**
 * Opens the socket that mqtt.js is given, with a filter in its way in; `fail` is told of incoming bytes that are no
 * MQTT.
 */
export function openSocket(target: Target, incoming: IncomingOptions, fail: (error: EdgewrightError) => void): Duplex {
  const socket = target.webSocket === undefined ? openPlain(target) : openWebSocket(target.webSocket, target);
  const filter = new IncomingStream(new IncomingFilter(incoming));
  filter.on('error', (error) => fail(protocolBroken(target.name, error.message, { cause: error })));
  const pipe = socket.pipe.bind(socket);
  // mqtt.js reads the stream by piping it into its parser: the filter goes in between.
  socket.pipe = (destination) => pipe(filter).pipe(destination);
  return socket;
}

function openPlain(target: Target): Duplex {
  const { host, port, secure } = target;
  const socket =
    secure === undefined ? net.connect({ host, port }) : tls.connect({ host, port, ...tlsOptions(target) });
  socket.setNoDelay(true);
  return socket;
}

/** Opens a WebSocket as MQTT asks for: subprotocol `mqtt`, binary frames whose bounds mean nothing. */
function openWebSocket(url: string, target: Target): Duplex {
  // What is for TLS is handed through to tls.connect; batches are in gzip already.
  const options = { perMessageDeflate: false, ...(target.secure === undefined ? {} : tlsOptions(target)) };
  return createWebSocketStream(new WebSocket(url, 'mqtt', options));
}

function tlsOptions({ secure, serverName, alpn }: Target): tls.ConnectionOptions {
  return {
    ...(secure === undefined ? {} : { secureContext: secure }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  };
}
