import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeEnvelope } from '../../src/common/trust/dsse.ts';
import { type DeviceTrust, makeOrder, type OrderData, REFUSAL_CODES } from '../../src/common/trust/index.ts';
import { newKey } from './support/keys.ts';
import { codeOf, judge, orderData, signedOrder, TRUST } from './support/orders.ts';
import { keysOf } from './support/roots.ts';

function judged(message: Uint8Array, changes: Partial<DeviceTrust> = {}): void {
  const verdict = judge(message, changes);
  if (verdict.accepted) return;
  expect(REFUSAL_CODES).toContain(verdict.code);
  expect(verdict.reason.length).toBeLessThan(500);
  expect(verdict.reason).not.toMatch(/\p{Cc}/u);
}

/** Replaces what lies at a path by something else. */
function replaced(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return by;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('judging never throws, takes a bounded time and gives a known code', () => {
  it('for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => judged(bytes)));
  });

  it('for any JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => judged(Buffer.from(text))));
  });

  it('for an order that is signed well and says something else in any place', () => {
    const path = fc.array(fc.nat(12), { minLength: 1, maxLength: 7 });
    const value = fc.oneof(
      fc.anything({ withBigInt: false }),
      fc.constantFrom(2 ** 53, -1, 1e308, '', '__proto__', [], {}),
    );
    fc.assert(
      fc.property(path, value, (where, by) => judged(signedOrder(replaced(orderData(), where, by) ?? null))),
      { numRuns: 300 },
    );
  });

  it('for names of an object’s own', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const text = JSON.stringify(orderData()).replace('"wear"', JSON.stringify(name));
      const payload = Buffer.from(text);
      judged(
        Buffer.from(writeEnvelope({ payloadType: 'application/vnd.edgewright.order+json', payload, signatures: [] })),
      );
      judged(signedOrder(JSON.parse(text)));
    }
    expect(({} as Record<string, unknown>)['active']).toBeUndefined();
  });

  it('for as many signatures and entries as there is room for', () => {
    const envelope = JSON.parse(signedOrder().toString());
    const junk = newKey('p521').sign(Buffer.from('another')).toString('base64');
    const slow = Array.from({ length: 16 }, () => newKey('p521').publicKey);
    const root = { ...TRUST.root, roles: { ...TRUST.root.roles, deploy: { keys: slow, threshold: 16 } } };
    judged(
      Buffer.from(JSON.stringify({ ...envelope, signatures: Array.from({ length: 16 }, () => ({ sig: junk })) })),
      { root },
    );
    const many = Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`p${i}`, {}]));
    expect(codeOf(signedOrder(orderData({ pipelines: many })))).toBe('order.malformed');
    judged(signedOrder(orderData({ pipelines: many })));
    judged(signedOrder(orderData({ crit: Array.from({ length: 60_000 }, () => '') })));
    judged(signedOrder(orderData({ issued: '2'.repeat(190_000) })));
  });
});

describe('an order that an operator makes', () => {
  const data = orderData() as unknown as OrderData;

  it('is taken by the device that it is for', () => {
    expect(codeOf(Buffer.from(writeEnvelope(makeOrder(data, keysOf(['deployer'])))))).toBe('accepted');
    expect(codeOf(Buffer.from(writeEnvelope(makeOrder(data, []))))).toBe('order.threshold');
  });

  it.each<[string, unknown]>([
    ['contradicts itself', orderData({ expires: '2020-01-01T00:00:00Z' })],
    ['is for no device', orderData({ target: {} })],
    ['is larger than a device takes', orderData({ note: 'x'.repeat(190_000) })],
  ])('is not made where it %s', (_what, bad) => {
    expect(() => makeOrder(bad as OrderData, keysOf(['deployer']))).toThrow(
      expect.objectContaining({ code: 'trust.order-invalid' }),
    );
  });
});
