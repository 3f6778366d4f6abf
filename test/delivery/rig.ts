import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type BlobIndex, BlobService, indexBundles, type ServingListener } from '../../src/center/serving/index.ts';
import type { Message } from '../../src/common/link/index.ts';
import { DEFAULT_PREFIX } from '../../src/common/protocol/index.ts';
import { Delivery, type DeliveryDeps, MqttWay } from '../../src/device/delivery/index.ts';
import type { Uplink } from '../../src/device/sync/index.ts';
import type { BlobStore } from '../../src/storage/blobs/index.ts';
import { EAGER } from '../link/support.ts';
import { openBlobs, silent, temporaryFolder } from '../support/blobs.ts';
import { type Gateway, gateway } from '../sync/plant.ts';

let made = 0;

/** A folder with these files, as the serving side indexes it. */
export async function bundle(files: Readonly<Record<string, Uint8Array>>): Promise<BlobIndex & { folder: string }> {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { folder, ...(await indexBundles(folder)) };
}

/** The serving side, until the test is over. */
export async function serving(url: string, index: BlobIndex, listener: ServingListener = {}): Promise<BlobService> {
  made += 1;
  const target = { url, version: 'auto' as const, clientId: `serving-${process.pid}-${made}`, backoff: EAGER };
  const service = new BlobService({ ...target, prefix: DEFAULT_PREFIX }, index, listener, { logger: silent });
  onTestFinished(() => service.close());
  await service.start(10_000);
  return service;
}

export interface Device extends Gateway {
  readonly store: BlobStore;
  readonly path: string;
  readonly delivery: Delivery;
  /** Bytes of all payloads on `blob/data` that came. */
  readonly came: { bytes: number };
}

/** A device's side over a real uplink, until the test is over. */
export async function device(
  url: string,
  { path = temporaryFolder(), config = {}, ...deps }: Partial<DeliveryDeps> & { path?: string; config?: object } = {},
): Promise<Device> {
  const one = gateway(url, config);
  const came = { bytes: 0 };
  const { uplink } = one;
  const counted: Pick<Uplink, 'inbound' | 'outbound' | 'traffic'> = {
    traffic: uplink.traffic,
    outbound: (name) => uplink.outbound(name),
    inbound: (channel) =>
      uplink.inbound({
        ...channel,
        handle: (message: Message) => {
          came.bytes += message.oversized ?? message.payload.byteLength;
          return channel.handle(message);
        },
      }),
  };
  const way = new MqttWay(counted);
  const store = deps.store ?? (await openBlobs(path));
  const delivery = new Delivery({ way, store, traffic: uplink.traffic, logger: silent, ...deps });
  onTestFinished(() => uplink.stop(0));
  uplink.start();
  return { ...one, store, path, delivery, came };
}
