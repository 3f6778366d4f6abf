import { createHash } from 'node:crypto';
import { signEnvelope, writeEnvelope } from '../../../src/common/trust/dsse.ts';
import {
  bundleDigest,
  type DeviceTrust,
  judgeOrder,
  ORDER_TYPE,
  type RefusalCode,
  readRoot,
} from '../../../src/common/trust/index.ts';
import { type Holder, idOf, keysOf, rootData, signedRoot } from './roots.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A model that an order names, with `files` by name and content. */
export function orderedModel(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const files = ['manifest.json', 'model.onnx', 'model.sig'].map((path) => ({
    ...{ path, length: 40_000, sha256: sha256(path), block: 16_384, blocks: sha256(`blocks of ${path}`) },
  }));
  const digest = bundleDigest(files.map((file) => ({ name: file.path, sha256: file.sha256 })));
  return { name: 'pump', version: '1.2.0', release: 7, digest, signer: idOf('modeller'), files, ...changes };
}

/** The payload of an order for line-1/press-3 that is valid in 2027. */
export function orderData(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    schema: 'edgewright.order/1',
    target: { site: 'line-1', device: 'press-3' },
    root: 1,
    counter: 5,
    issued: '2027-01-10T00:00:00Z',
    notBefore: '2027-01-10T00:00:00Z',
    expires: '2027-02-10T00:00:00Z',
    pipelines: { wear: { active: orderedModel() } },
    ...changes,
  };
}

/** An order with one entry that differs. */
export const withEntry = (changes: Readonly<Record<string, unknown>>) =>
  orderData({ pipelines: { wear: { active: orderedModel(), ...changes } } });

export function signedOrder(
  data: unknown = orderData(),
  holders: readonly Holder[] = ['deployer'],
  type = ORDER_TYPE,
): Buffer {
  return Buffer.from(writeEnvelope(signEnvelope(type, Buffer.from(JSON.stringify(data)), keysOf(holders))));
}

/** The root of these orders: deployer signs them, modeller models. */
export const ROOT = readRoot(signedRoot(rootData()), 'root');

export const at = (time: string, trusted = true) => ({ at: Date.parse(time), trusted });

/** What line-1/press-3 knows in the middle of January 2027, before its first order. */
export const TRUST: DeviceTrust = {
  site: 'line-1',
  device: 'press-3',
  root: ROOT,
  timeFloor: Date.parse('2026-12-01T00:00:00Z'),
  clock: at('2027-01-15T00:00:00Z'),
  floors: new Map(),
};

export const judge = (message: Uint8Array, changes: Partial<DeviceTrust> = {}) =>
  judgeOrder(message, { ...TRUST, ...changes });

/** The code of a refusal; `accepted` where there is none. */
export function codeOf(message: Uint8Array, changes: Partial<DeviceTrust> = {}): RefusalCode | 'accepted' {
  const verdict = judge(message, changes);
  return verdict.accepted ? 'accepted' : verdict.code;
}

/** What it knows after it took an order. */
export function lastOf(message: Uint8Array, changes: Partial<DeviceTrust> = {}) {
  const verdict = judge(message, changes);
  if (!verdict.accepted) throw new Error(`refused: ${verdict.reason}`);
  return verdict.last;
}
