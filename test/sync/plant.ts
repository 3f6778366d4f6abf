import { randomBytes } from 'node:crypto';
import type { Clock, Logger, OutboxRecord, PredictionRecord } from '../../src/common/core/index.ts';
import { createLink, type Will } from '../../src/common/link/index.ts';
import {
  type Book,
  Bookkeeper,
  DEFAULT_PREFIX,
  decodeBatch,
  decodeStatus,
  type StatusMessage,
  topicFilter,
} from '../../src/common/protocol/index.ts';
import {
  createUplink,
  type DeviceState,
  type Uplink,
  type UplinkDeps,
  uplinkSchema,
} from '../../src/device/sync/index.ts';
import { EAGER, silent, type Watched, watched } from '../link/support.ts';
import { withOthers } from './answers.ts';
import { MemoryOutbox } from './memory-outbox.ts';

const model = { name: 'm', version: '1.0.0', digest: 'ab'.repeat(32), signed: false };

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), trusted: () => true };

export function prediction(t: number, asset = 'rig'): PredictionRecord {
  return {
    ...{ type: 'prediction', t, pipeline: 'p', asset, from: t - 10, to: t, model, output: { value: t / 3 } },
    decision: 'answer',
    quality: { code: 'Good', reasons: [] },
  };
}

export const predictions = (count: number): PredictionRecord[] =>
  Array.from({ length: count }, (_, i) => prediction(i));

export function event(detail: Readonly<Record<string, unknown>> = {}): OutboxRecord {
  return { type: 'event', t: 1, event: 'config', detail };
}

export interface Gateway {
  readonly outbox: MemoryOutbox;
  readonly uplink: Uplink;
  readonly state: { models: DeviceState['models'] };
  readonly device: string;
}

/** An uplink with its outbox; everything else of a gateway is made up. */
export function gateway(
  url: string,
  config: object = {},
  device = `gw${randomBytes(3).toString('hex')}`,
  logger: Logger = silent,
  onConflict: UplinkDeps['onConflict'] = () => {},
): Gateway {
  const identity = { site: 'plant', device, boot: randomBytes(16).toString('hex') };
  const outbox = new MemoryOutbox(identity);
  const state: Gateway['state'] = { models: [] };
  const deps: UplinkDeps = {
    outbox,
    answers: withOthers().filter(({ name }) => name !== 'status' && name !== 'resync'),
    clock,
    logger,
    random: () => 0,
    onConflict,
    connect: (options) =>
      createLink({ ...options, will: () => promptly(options.will?.()), backoff: EAGER }, { logger }),
    state: () => ({
      seq: outbox.seq,
      versions: { edgewright: '0.0.0' },
      models: state.models,
      queue: { pending: outbox.pending, bytes: 0, level: 0 },
    }),
  };
  const uplink = createUplink(uplinkSchema.parse({ url, linger: '10ms', ...config }), identity, deps);
  return { outbox, uplink, state, device };
}

/** Tests need not wait for the will. */
function promptly(will: Will | undefined): Will | undefined {
  return will && { ...will, delay: 0 };
}

export interface Consumer extends Watched {
  readonly statuses: StatusMessage[];
  readonly records: OutboxRecord[];
  readonly payloads: Uint8Array[];
  readonly contentTypes: (string | undefined)[];
  book(): Book | undefined;
}

/** Follows one device and keeps the books. */
export async function consumer(url: string, device: string): Promise<Consumer> {
  const one = watched(url);
  const books = new Bookkeeper();
  const mine: Consumer = {
    ...one,
    statuses: [],
    records: [],
    payloads: [],
    contentTypes: [],
    book: () => books.books()[0],
  };
  one.link.start();
  await one.link.subscribe({
    filter: topicFilter(DEFAULT_PREFIX, 'status', 'plant', device),
    qos: 1,
    onMessage: ({ payload }) => {
      const status = decodeStatus(payload);
      mine.statuses.push(status);
      books.status(status);
    },
  });
  await one.link.subscribe({
    filter: topicFilter(DEFAULT_PREFIX, 'records', 'plant', device),
    qos: 1,
    onMessage: ({ payload, properties }) => {
      mine.payloads.push(payload);
      mine.contentTypes.push(properties.contentType);
      mine.records.push(...books.batch(decodeBatch(payload)));
    },
  });
  return mine;
}
