import { signEnvelope, writeEnvelope } from '../../../src/common/trust/dsse.ts';
import type { PrivateKey } from '../../../src/common/trust/index.ts';
import { ROOT_TYPE } from '../../../src/common/trust/root.ts';
import { newKey } from './keys.ts';

/** Holders of keys, by name, made once for all tests. */
export const HOLDERS = {
  ...{ alice: newKey('p256'), bob: newKey('p384'), carol: newKey('p521'), dave: newKey() },
  ...{ modeller: newKey(), deployer: newKey(), approver: newKey(), eve: newKey() },
} as const;
export type Holder = keyof typeof HOLDERS;

export const idOf = (holder: Holder): string => HOLDERS[holder].publicKey.id;
export const keysOf = (holders: readonly Holder[]): PrivateKey[] => holders.map((holder) => HOLDERS[holder]);

/** Keys by role, each with its threshold. */
export interface Roles {
  readonly root?: readonly [number, ...Holder[]];
  readonly model?: readonly [number, ...Holder[]];
  readonly deploy?: readonly [number, ...Holder[]];
}

/** The payload of a root: two of alice, bob and carol change it, modeller signs models, deployer orders. */
export function rootData(roles: Roles = {}, changes: object = {}): Record<string, unknown> {
  const all = { root: [2, 'alice', 'bob', 'carol'], model: [1, 'modeller'], deploy: [1, 'deployer'], ...roles };
  const entries = Object.entries(all).map(([name, [threshold, ...holders]]) => ({
    name,
    threshold: threshold as number,
    keys: holders as Holder[],
  }));
  const holders = [...new Set(entries.flatMap(({ keys }) => keys))];
  return {
    schema: 'edgewright.root/1',
    version: 1,
    expires: '2027-06-01T00:00:00Z',
    keys: Object.fromEntries(holders.map((holder) => [idOf(holder), HOLDERS[holder].publicKey.pem])),
    roles: Object.fromEntries(entries.map(({ name, threshold, keys }) => [name, { keys: keys.map(idOf), threshold }])),
    ...changes,
  };
}

/** A signed root as bytes. */
export function signedRoot(data: unknown, signers: readonly Holder[] = ['alice', 'bob'], type = ROOT_TYPE): Buffer {
  return Buffer.from(writeEnvelope(signEnvelope(type, Buffer.from(JSON.stringify(data)), keysOf(signers))));
}
