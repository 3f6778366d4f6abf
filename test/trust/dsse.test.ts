import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Envelope,
  preAuthEncoding,
  readEnvelope,
  signEnvelope,
  signersOf,
  withSignature,
  writeEnvelope,
} from '../../src/common/trust/dsse.ts';
import { envelopeInvalid } from '../../src/common/trust/errors.ts';
import type { PrivateKey } from '../../src/common/trust/index.ts';
import { newKey } from './support/keys.ts';

const TYPE = 'application/vnd.edgewright.test+json';
const PAYLOAD = Buffer.from('{"a": 1}');
const MOST = 64 * 1024;
const [alice, bob, eve] = [newKey('p256'), newKey('p384'), newKey('p521')];
const KEYS = [alice.publicKey, bob.publicKey];

const read = (value: unknown, most = MOST) =>
  readEnvelope(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), most, (reason) =>
    envelopeInvalid('envelope', reason),
  );
const signed = (...keys: PrivateKey[]) => signEnvelope(TYPE, PAYLOAD, keys);
const anonymous = (envelope: Envelope): Envelope => ({
  ...envelope,
  signatures: envelope.signatures.map(({ sig }) => ({ keyid: undefined, sig })),
});

it('the bytes that are signed are those of the specification, lengths in bytes', () => {
  expect(Buffer.from(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  expect(Buffer.from(preAuthEncoding('ä', Buffer.from('ö'))).toString()).toBe('DSSEv1 2 ä 2 ö');
});

describe('who signed', () => {
  it('is each key that did, once it is written and read', () => {
    const envelope = read(writeEnvelope(signed(alice, bob)));
    expect(Buffer.from(envelope.payload)).toEqual(PAYLOAD);
    expect([...signersOf(envelope, KEYS)].sort()).toEqual(KEYS.map(({ id }) => id).sort());
  });

  it('is nobody whose key is not known', () => {
    expect([...signersOf(signed(eve, alice), KEYS)]).toEqual([alice.publicKey.id]);
  });

  it('counts a key once, however many signatures it gave and under whatever name', () => {
    const twice = [...signed(alice).signatures, ...signed(alice).signatures, ...anonymous(signed(alice)).signatures];
    expect(signersOf({ ...signed(), signatures: twice }, KEYS).size).toBe(1);
  });

  it('is found without a name of the key, and not under the name of another', () => {
    expect(signersOf(anonymous(signed(bob, alice)), KEYS).size).toBe(2);
    const [signature] = signed(alice).signatures;
    const renamed = { ...signed(), signatures: [{ keyid: bob.publicKey.id, sig: signature?.sig ?? new Uint8Array() }] };
    expect(signersOf(renamed, KEYS).size).toBe(0);
  });

  it('is found behind many signatures that are none, if it names its key', () => {
    const junk = Array.from({ length: 15 }, () => ({ keyid: undefined, sig: eve.sign(PAYLOAD) }));
    const many = Array.from({ length: 16 }, () => newKey().publicKey);
    const envelope = { ...signed(), signatures: [...junk, ...signed(alice).signatures] };
    expect(signersOf(envelope, [...many, alice.publicKey]).size).toBe(1);
    let tries = 0;
    const counted = many.map((key) => ({ ...key, verifies: () => ++tries < 0 }));
    expect(signersOf({ ...envelope, signatures: junk }, counted).size).toBe(0);
    expect(tries).toBe(64);
  });

  it('is nobody of a payload that another one took the place of, byte for byte or by its type', () => {
    expect(signersOf({ ...signed(alice), payload: Buffer.from('{"a":1}') }, KEYS).size).toBe(0);
    expect(signersOf({ ...signed(alice), payloadType: 'application/vnd.in-toto+json' }, KEYS).size).toBe(0);
  });

  it('signs later what others signed before, in the place of an own signature', () => {
    const both = withSignature(withSignature(signed(alice), bob), bob);
    expect(both.signatures).toHaveLength(2);
    expect(signersOf(both, KEYS).size).toBe(2);
  });
});

describe('an envelope', () => {
  const good = JSON.parse(writeEnvelope(signed(alice)));

  it.each([
    ['a keyid that is missing', { sig: good.signatures[0].sig }],
    ['a keyid that is null', { keyid: null, sig: good.signatures[0].sig }],
    ['a keyid that is empty', { keyid: '', sig: good.signatures[0].sig }],
  ])('is read with %s', (_what, signature) => {
    expect(signersOf(read({ ...good, signatures: [signature] }), KEYS).size).toBe(1);
  });

  it('is read in the other alphabet of base64, too', () => {
    const bytes = Buffer.from([0xfb, 0xff, 0xfe]);
    expect(Buffer.from(read({ ...good, payload: '-__-' }).payload)).toEqual(bytes);
  });

  it.each([
    ['is no JSON', '{"payload"'],
    ['is empty', ''],
    ['is no object', '[]'],
    ['has too many signatures', { ...good, signatures: Array.from({ length: 17 }, () => good.signatures[0]) }],
    ['has a payload that is no base64', { ...good, payload: 'e30 ' }],
    ['has bits in its base64 that are not seen', { ...good, payload: 'e31=' }],
    ['has base64 without its end', { ...good, payload: 'e30' }],
    ['has no type', { ...good, payloadType: undefined }],
    ['is deeper than anything signed', `${'['.repeat(100)}${']'.repeat(100)}`],
  ])('that %s is refused', (_what, value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'trust.envelope-invalid' }));
  });

  it('that is longer than it may be is refused before anything is made of it', () => {
    const text = `${JSON.stringify(good)}${' '.repeat(MOST)}`;
    expect(() => read(text)).toThrow('at most 65536 are allowed');
    expect(read(text, MOST * 2).payloadType).toBe(TYPE);
  });

  it('of any JSON and any bytes is read or refused, and nothing else is thrown', () => {
    const refuses = (text: string): boolean => {
      try {
        signersOf(read(text), KEYS);
        return true;
      } catch (error) {
        return (error as { code?: string }).code === 'trust.envelope-invalid';
      }
    };
    const mutated = fc.record(
      { payloadType: fc.anything(), payload: fc.anything(), signatures: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          mutated.map((value) => JSON.stringify(value)),
        ),
        refuses,
      ),
    );
  });
});
