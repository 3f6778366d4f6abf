import { gzipSync } from 'node:zlib';
import type { OutboxRecord, PredictionRecord } from '../../src/common/core/index.ts';
import {
  BATCH_END,
  batchStart,
  decodeBatch,
  encodeRecord,
  type RecordBatch,
  type StatusMessage,
  withIdentity,
} from '../../src/common/protocol/index.ts';

export const BOOT = 'a'.repeat(32);
export const OTHER_BOOT = 'b'.repeat(32);
export const DEVICE = { site: 'lab', device: 'gateway-1' } as const;

export function prediction(changes: Partial<PredictionRecord> = {}): PredictionRecord {
  return {
    type: 'prediction',
    t: Date.UTC(2026, 0, 2, 3, 4, 5),
    pipeline: 'anomaly',
    asset: 'pump-1',
    from: 0,
    to: 1,
    model: { name: 'm', version: '1.0.0', digest: 'c'.repeat(64), signed: false },
    output: { score: 1.23456 },
    decision: 'normal',
    quality: { code: 'Good', reasons: [] },
    ...changes,
  };
}

/** As a gateway sends it. */
export function sealed(records: Readonly<Record<number, OutboxRecord>>, boot = BOOT, gzip = false): Uint8Array {
  const seqs = Object.keys(records).map(Number);
  const bodies = Object.entries(records).map(([seq, record]) => withIdentity(encodeRecord(record), Number(seq), true));
  const head = batchStart({ ...DEVICE, boot }, Math.min(...seqs), Math.max(...seqs));
  const bytes = Buffer.from(head + bodies.join(',') + BATCH_END);
  return gzip ? gzipSync(bytes) : bytes;
}

/** A batch of predictions with these seqs. */
export function batchOf(seqs: readonly number[], boot = BOOT): RecordBatch {
  return decodeBatch(sealed(Object.fromEntries(seqs.map((seq) => [seq, prediction()])), boot));
}

export function statusOf(seq: number, pending: number, changes: Partial<StatusMessage> = {}): StatusMessage {
  return {
    schema: 'edgewright.status/1',
    ...DEVICE,
    online: true,
    boot: BOOT,
    seq,
    at: Date.UTC(2026, 0, 2),
    clock: true,
    versions: { edgewright: '0.1.0' },
    models: [],
    queue: { pending, bytes: 4096, level: 0 },
    ...changes,
  };
}
