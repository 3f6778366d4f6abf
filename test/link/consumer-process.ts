import { createLink } from '../../src/common/link/index.ts';
import { silent } from './support.ts';

/**
 * A consumer in a process of its own, to be killed: prints a line when it is subscribed and one a message.
 * Arguments: broker, version of MQTT, client id, topic, and whether it ever commits what it gets.
 */
const [url = '', version = '5', clientId = '', filter = '', commits] = process.argv.slice(2);
const say = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`);
const link = createLink(
  {
    ...{ url, clientId, clean: false, sessionExpiry: 600, keepalive: 30, maxIncomingBytes: 1_000 },
    version: version === '5' ? '5' : '3.1.1',
  },
  { logger: silent },
);
link.start();
await link.subscribe({
  filter,
  qos: 1,
  acknowledge: 'committed',
  onMessage: ({ payload, duplicate }) => {
    say({ payload: Buffer.from(payload).toString(), duplicate });
    return commits === 'commits' ? Promise.resolve() : new Promise(() => undefined);
  },
});
say({ subscribed: filter });
