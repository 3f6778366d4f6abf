import { createInterface } from 'node:readline';
import type { Message } from '../../src/common/link/index.ts';
import type { BundleFile } from '../../src/common/protocol/index.ts';
import { Delivery, MqttWay } from '../../src/device/delivery/index.ts';
import { BlobStore } from '../../src/storage/blobs/index.ts';
import { silent } from '../support/noise.ts';
import { gateway, prediction } from '../sync/plant.ts';

/** What a device is told to begin with. */
export interface DeviceTask {
  readonly url: string;
  readonly device: string;
  readonly path: string;
  readonly files: readonly BundleFile[];
  /** Predictions a second. */
  readonly rate: number;
}

/** The device's side, in a process of its own so that it can be in a network of its own. `fetch` on stdin begins. */
const task: DeviceTask = JSON.parse(process.argv[2] ?? '{}');
const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
const { uplink, outbox } = gateway(task.url, { linger: '250ms', keepalive: '5s' }, task.device);
let came = 0;
const way = new MqttWay({
  traffic: uplink.traffic,
  outbound: (name) => uplink.outbound(name),
  inbound: (channel) =>
    uplink.inbound({
      ...channel,
      handle: (message: Message) => {
        came += message.payload.byteLength;
        return channel.handle(message);
      },
    }),
});
const store = await BlobStore.open({ path: task.path, max: 2 ** 30, freeFloor: 0, logger: silent });
const delivery = new Delivery({ way, store, traffic: uplink.traffic, logger: silent });
uplink.traffic.listen({ connected: () => tell({ connected: true }), closed: () => tell({ connected: false }) });
uplink.start();
setInterval(() => outbox.commit([prediction(Date.now())]), 1_000 / task.rate);
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'fetch') break;
  let told = 0;
  const progress = (bytes: number) => {
    if (bytes - told < 64 * 1024) return;
    told = bytes;
    tell({ bytes });
  };
  void delivery
    .fetchBundle(task.files, { onProgress: ({ bytes }) => progress(bytes) })
    .then((outcome) => tell({ outcome, came }));
}
process.exit(0);
