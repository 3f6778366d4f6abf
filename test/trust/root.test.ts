import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvelope, writeEnvelope } from '../../src/common/trust/dsse.ts';
import { rootInvalid } from '../../src/common/trust/errors.ts';
import { readNextRoot, readRoot } from '../../src/common/trust/index.ts';
import { HOLDERS, type Holder, idOf, rootData, signedRoot } from './support/roots.ts';

const code = (name: string) => expect.objectContaining({ code: `trust.${name}` });
const first = readRoot(signedRoot(rootData()), 'root 1');
const next = (bytes: Uint8Array, current = first) => readNextRoot(current, bytes, 'next');

describe('a root', () => {
  it('says who may change it, sign models and sign orders', () => {
    expect(first).toMatchObject({ version: 1, expires: Date.UTC(2027, 5, 1) });
    expect(first.roles.root.keys.map(({ id }) => id)).toEqual([idOf('alice'), idOf('bob'), idOf('carol')]);
    expect(first.roles.model.keys.map(({ id }) => id)).toEqual([idOf('modeller')]);
  });

  it('ignores fields that it does not know, but for those that it says are critical', () => {
    expect(readRoot(signedRoot(rootData({}, { colour: 'red', crit: ['floors'] })), 'r').version).toBe(1);
    expect(() => readRoot(signedRoot(rootData({}, { colour: 'red', crit: ['colour'] })), 'r')).toThrow(
      code('root-invalid'),
    );
  });

  it.each<[string, object]>([
    ['more than one signature for a model', rootData({ model: [2, 'modeller', 'eve'] })],
    ['a threshold above the number of keys', rootData({ root: [4, 'alice', 'bob', 'carol'] })],
    ['a threshold of 0', rootData({ deploy: [0, 'deployer'] })],
    ['a key twice in a role', rootData({ root: [2, 'alice', 'alice', 'bob'] })],
    ['a key that it does not have', { ...rootData(), keys: { [idOf('alice')]: HOLDERS.alice.publicKey.pem } }],
    [
      'a key under the ID of another',
      {
        ...rootData(),
        keys: { ...(rootData()['keys'] as object), [idOf('bob')]: HOLDERS.eve.publicKey.pem },
      },
    ],
    ['a key that is none', { ...rootData(), keys: { ...(rootData()['keys'] as object), [idOf('bob')]: 'PEM' } }],
    ['another schema', rootData({}, { schema: 'edgewright.root/2' })],
    ['a version that is no counter', rootData({}, { version: 2 ** 53 })],
    ['a version 0', rootData({}, { version: 0 })],
    ['no expiry', rootData({}, { expires: undefined })],
    ['an expiry that is no time in UTC', rootData({}, { expires: '2027-06-01T00:00:00+02:00' })],
    ['no role for orders', rootData({}, { roles: { root: {}, model: {} } })],
    ['floors below zero', rootData({}, { floors: { pump: -1 } })],
    [
      'too many keys',
      rootData({}, { keys: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`${i}`.padStart(64, '0'), 'x'])) }),
    ],
  ])('with %s is refused', (_what, data) => {
    expect(() => readRoot(signedRoot(data), 'r')).toThrow(code('root-invalid'));
  });

  it('that is something else signed is refused', () => {
    expect(() => readRoot(signedRoot(rootData(), ['alice', 'bob'], 'application/vnd.in-toto+json'), 'r')).toThrow(
      code('root-invalid'),
    );
  });

  it('of more than 64 KiB is refused before it is parsed', () => {
    const endless = Buffer.concat([signedRoot(rootData()), Buffer.alloc(64 * 1024, ' ')]);
    expect(() => readRoot(endless, 'r')).toThrow('at most 65536 are allowed');
  });

  it.each<[string, Holder[]]>([
    ['one signature of two', ['alice']],
    ['one key that signed twice', ['alice', 'alice', 'alice']],
    ['a key of another role', ['alice', 'modeller']],
    ['a key that nobody knows', ['alice', 'eve']],
  ])('with %s is refused', (_what, signers) => {
    expect(() => readRoot(signedRoot(rootData(), signers), 'r')).toThrow(code('root-threshold'));
  });

  it('with a signature under the names of two keys counts it once', () => {
    const envelope = readEnvelope(signedRoot(rootData(), ['alice']), 65536, (why) => rootInvalid('r', why));
    const [signature] = envelope.signatures;
    if (!signature) throw new Error('no signature');
    const signatures = [signature, { ...signature, keyid: idOf('bob') }, { ...signature, keyid: undefined }];
    expect(() => readRoot(Buffer.from(writeEnvelope({ ...envelope, signatures })), 'r')).toThrow(
      code('root-threshold'),
    );
  });
});

describe('the next root', () => {
  const second = (roles = {}, changes = {}) => rootData(roles, { version: 2, ...changes });
  const other = { root: [2, 'bob', 'carol', 'dave'] } as const;

  it('is taken with the thresholds of both', () => {
    expect(next(signedRoot(second(other), ['bob', 'carol'])).version).toBe(2);
    expect(next(signedRoot(second({ root: [1, 'dave'] }), ['alice', 'bob', 'dave'])).version).toBe(2);
  });

  it('is refused with the threshold of the old one alone', () => {
    const signed = signedRoot(second({ root: [1, 'dave'] }), ['alice', 'bob', 'carol']);
    expect(() => next(signed)).toThrow(code('root-threshold'));
  });

  it('is refused with the threshold of the new one alone: whoever makes a root of his own keys changes nothing', () => {
    expect(() => next(signedRoot(second({ root: [2, 'eve', 'dave'] }), ['eve', 'dave']))).toThrow(
      code('root-threshold'),
    );
    expect(() => next(signedRoot(second(other), ['carol', 'dave']))).toThrow(code('root-threshold'));
  });

  it('is refused where one key signed twice', () => {
    expect(() => next(signedRoot(second(), ['alice', 'alice']))).toThrow(code('root-threshold'));
  });

  it('is the one after, and no later one', () => {
    expect(() => next(signedRoot(second({}, { version: 3 })))).toThrow(code('root-gap'));
    // Also where nobody could know who signed it: a device has to learn which root it lacks.
    expect(() => next(signedRoot(second(other, { version: 9 }), ['dave']))).toThrow(code('root-gap'));
  });

  it('is no older one, and no other of the same version', () => {
    const third = next(signedRoot(second({}, { version: 3 })), next(signedRoot(second())));
    expect(() => next(signedRoot(second()), third)).toThrow(code('root-rollback'));
    expect(() => next(signedRoot(rootData({}, { expires: '2031-01-01T00:00:00Z' })))).toThrow(code('root-rollback'));
  });

  it('may be the same once more', () => {
    expect(next(signedRoot(rootData(), ['carol', 'bob']))).toBe(first);
  });

  it('is taken after one that has expired, and through one that has: only the newest has to be valid', () => {
    const past = (version: number) => rootData({}, { version, expires: '2001-01-01T00:00:00Z' });
    const expired = readRoot(signedRoot(past(1)), 'r');
    const through = next(signedRoot(past(2)), expired);
    expect(next(signedRoot(second({}, { version: 3 })), through).version).toBe(3);
  });

  it('that is no root is refused', () => {
    expect(() => next(signedRoot('no object'))).toThrow(code('root-invalid'));
    expect(() => next(signedRoot(second({ model: [2, 'eve', 'dave'] })))).toThrow(code('root-invalid'));
  });

  it('of any bytes and any JSON is read or refused, and nothing else is thrown', () => {
    const value = fc.record({ version: fc.oneof(fc.constant(2), fc.anything()), keys: fc.anything() });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.json().map((text) => Buffer.from(text)),
      fc.oneof(value, fc.anything()).map((data) => signedRoot(data ?? null)),
      fc.anything().map((keys) => signedRoot({ ...second(), keys })),
    );
    fc.assert(
      fc.property(bytes, (hostile) => {
        expect(() => next(hostile)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^trust\.root-/) }));
      }),
    );
  });
});
