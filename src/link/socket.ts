import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { EdgewrightError } from '../core/index.ts';
import { protocolBroken } from './errors.ts';
import type { Target } from './target.ts';
import { PayloadTrimmer, TrimStream } from './trim.ts';
import type { MqttVersion } from './types.ts';

export interface Incoming {
  /** Bytes of a payload; what is longer is replaced by `marker` and its length. */
  readonly limit: number;
  readonly marker: Uint8Array;
  readonly version: MqttVersion;
}

/** Opens the socket that mqtt.js is given; `fail` is told of incoming bytes that are no MQTT. */
export function openSocket(target: Target, incoming: Incoming, fail: (error: EdgewrightError) => void): Duplex {
  const { host, port, secure } = target;
  const socket =
    secure === undefined
      ? net.connect({ host, port })
      : tls.connect({ host, port, secureContext: secure, ...(net.isIP(host) === 0 ? { servername: host } : {}) });
  socket.setNoDelay(true);
  const trim = new TrimStream(new PayloadTrimmer(incoming.limit, incoming.marker, incoming.version === '5'));
  trim.on('error', (error) => fail(protocolBroken(target.name, error.message, { cause: error })));
  const pipe = socket.pipe.bind(socket);
  // mqtt.js reads the stream by piping it into its parser: the trimmer goes in between.
  socket.pipe = (destination) => pipe(trim).pipe(destination);
  return socket;
}
