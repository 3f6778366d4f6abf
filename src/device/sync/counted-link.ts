import type { LinkPort } from './ports.ts';

/** Bytes of a PUBLISH around topic and payload. */
const PUBLISH_OVERHEAD = 32;

/** Tells how many bytes each message takes on the wire. */
export function counted(link: LinkPort, spend: (bytes: number) => void): LinkPort {
  return {
    get state() {
      return link.state;
    },
    get info() {
      return link.info;
    },
    get lastError() {
      return link.lastError;
    },
    start: () => link.start(),
    listen: (listener) => link.listen(listener),
    subscribe: (subscription) => link.subscribe(subscription),
    close: () => link.close(),
    publish(topic, payload, options) {
      spend(PUBLISH_OVERHEAD + Buffer.byteLength(topic) + payload.byteLength);
      return link.publish(topic, payload, options);
    },
  };
}
