import { defineError } from '../core/index.ts';

/** The address of the broker is none, or not of a known scheme. */
export const badUrl = defineError(
  'link.bad-url',
  'Give the broker as mqtt://host:port, or mqtts, ws or wss instead of mqtt.',
  {
    exit: 2,
  },
);
/** A file for TLS cannot be read, or is not what it should be. */
export const badTls = defineError(
  'link.bad-tls',
  'Give CA, certificate and key as files of PEM or DER that belong together.',
  {
    exit: 2,
  },
);
/** TLS did not come about: certificate, name, clock, or what the broker thinks of ours. */
export const tlsFailed = defineError('link.tls', 'Look at the certificates of both sides, and at the clock.', {
  retry: true,
});
/** There is no connection to publish on. */
export const offline = defineError('link.offline', 'Wait until the connection stands; nothing is queued here.', {
  retry: true,
});
/** A connection that stood has ended, or an answer was lost with it. */
export const lost = defineError(
  'link.lost',
  'The connection comes back by itself; look at the broker if it does not.',
  {
    retry: true,
  },
);
/** Nobody answers at the address. */
export const unreachable = defineError(
  'link.unreachable',
  'Check that the broker runs, its address and port, and the network between.',
  { retry: true },
);
/** The broker refused the connection. */
export const refused = defineError(
  'link.refused',
  'Check the client id, username and password, and what the broker allows.',
  {
    retry: true,
  },
);
/** The broker acknowledged nothing for too long; the connection was given up. */
export const ackTimeout = defineError(
  'link.ack-timeout',
  'The broker accepts data without acknowledging it: look at its load and its log.',
  { retry: true },
);
/** Another client came with the same client id. */
export const takenOver = defineError(
  'link.taken-over',
  'Another client uses the same client id: give each device its own name.',
  { retry: true },
);
/** The broker refused a packet as too large, and ended the connection. */
export const tooLarge = defineError(
  'link.packet-too-large',
  "Raise the broker's packet limit or lower the batch size.",
  {
    retry: true,
  },
);
/** The other side does not speak MQTT. */
export const protocolBroken = defineError(
  'link.protocol',
  "The other side does not speak MQTT as it should: check that the port is the broker's.",
  { retry: true },
);
/** The broker refused a subscription. */
export const subscriptionRefused = defineError(
  'link.subscription-refused',
  'Check the topic filter and what the broker allows this client to read.',
  { retry: true },
);
/** The broker does without something that would be used. */
export const brokerLacks = defineError(
  'link.broker-lacks',
  'Everything else works. Switch it on at the broker, or take another one, where it is needed.',
);
/** A message could not be committed; the connection was ended without its acknowledgement. */
export const notCommitted = defineError(
  'link.not-committed',
  'Look at what writes down the messages: the broker sends them again until that succeeds.',
  { retry: true },
);
