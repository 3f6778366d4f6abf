import { defineError } from '../core/index.ts';

export const badUrl = defineError(
  'link.bad-url',
  'Give the broker as mqtt://host:port, or mqtts, ws or wss instead of mqtt.',
  {
    exit: 2,
  },
);
export const badTls = defineError('link.bad-tls', 'Give CA, certificate and key as PEM files that belong together.', {
  exit: 2,
});
export const tlsFailed = defineError('link.tls', 'Look at the certificates of both sides, and at the clock.', {
  retry: true,
});
export const offline = defineError('link.offline', 'Wait until the connection stands; nothing is queued here.', {
  retry: true,
});
export const lost = defineError(
  'link.lost',
  'The connection comes back by itself; look at the broker if it does not.',
  {
    retry: true,
  },
);
export const unreachable = defineError(
  'link.unreachable',
  'Check that the broker runs, its address and port, and the network between.',
  { retry: true },
);
export const refused = defineError(
  'link.refused',
  'Check the client id, username and password, and what the broker allows.',
  {
    retry: true,
  },
);
export const ackTimeout = defineError(
  'link.ack-timeout',
  'The broker accepts data without acknowledging it: look at its load and its log.',
  { retry: true },
);
export const takenOver = defineError(
  'link.taken-over',
  'Another client uses the same client id: give each device its own name.',
  { retry: true },
);
export const tooLarge = defineError(
  'link.packet-too-large',
  "Raise the broker's packet limit or lower the batch size.",
  {
    retry: true,
  },
);
export const protocolBroken = defineError(
  'link.protocol',
  "The other side does not speak MQTT as it should: check that the port is the broker's.",
  { retry: true },
);
export const subscriptionRefused = defineError(
  'link.subscription-refused',
  'Check the topic filter and what the broker allows this client to read.',
  { retry: true },
);
export const notCommitted = defineError(
  'link.not-committed',
  'Look at what writes down the messages: the broker sends them again until that succeeds.',
  { retry: true },
);
