import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preAuthEncoding } from '../../src/common/trust/dsse.ts';
import {
  bundleDigest,
  type FileDigest,
  type PrivateKey,
  readPublicKey,
  requireSigned,
  signModel,
  verifyModelSignature,
} from '../../src/common/trust/index.ts';
import { newKey } from './support/keys.ts';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const FILES: readonly FileDigest[] = ['b', 'a', 'c'].map((name) => ({ name, sha256: sha256(name) }));
const key = newKey();
const other = newKey('p384');
const KEYS = [other.publicKey, key.publicKey];
const refusal = (reason: string) =>
  expect.objectContaining({ code: 'bundle.signature', message: expect.stringContaining(reason) });

/** What differs from a signature as it should be. */
interface Change {
  readonly statement?: object;
  readonly predicate?: object;
  readonly serialization?: object;
  readonly resources?: readonly object[];
  readonly digest?: string;
  readonly payloadType?: string;
  readonly mediaType?: string;
  readonly publicKey?: object;
  readonly signatures?: (sig: string) => unknown;
  readonly by?: PrivateKey;
}

const resource = (name: string, more: object = {}) => ({ name, algorithm: 'sha256', digest: sha256(name), ...more });
const rootOf = (names: readonly string[]) =>
  sha256(Buffer.concat(names.map((name) => Buffer.from(sha256(name), 'hex'))));

/** A model.sig that is signed well, whatever it says. */
function made(change: Change = {}): Buffer {
  const resources = change.resources ?? ['a', 'b', 'c'].map((name) => resource(name));
  const names = resources.map((one) => String((one as { name?: unknown }).name));
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'bundle', digest: { sha256: change.digest ?? rootOf(names) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: {
        ...{ method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: ['model.sig', '.git'] },
        ...change.serialization,
      },
      resources,
      ...change.predicate,
    },
    ...change.statement,
  };
  const payload = Buffer.from(JSON.stringify(statement, null, 2));
  const payloadType = change.payloadType ?? 'application/vnd.in-toto+json';
  const signer = change.by ?? key;
  const sig = signer.sign(preAuthEncoding(payloadType, payload)).toString('base64');
  return Buffer.from(
    JSON.stringify({
      mediaType: change.mediaType ?? 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: change.publicKey ?? { hint: signer.publicKey.hint }, tlogEntries: [] },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType,
        signatures: change.signatures?.(sig) ?? [{ sig, keyid: '' }],
      },
    }),
  );
}

const verify = (bytes: Uint8Array) => verifyModelSignature(bytes, KEYS, 'model.sig');

describe.each(['p256', 'p384', 'p521'])('what model_signing signed with a key on %s', (curve) => {
  const folder = new URL('fixtures/signed/', import.meta.url);
  const files = readdirSync(new URL('bundle/', folder)).map((name) => ({
    name,
    sha256: sha256(readFileSync(new URL(`bundle/${name}`, folder))),
  }));
  const publicKey = readPublicKey(readFileSync(new URL(`${curve}.pub`, folder), 'utf8'), curve);

  it('verifies, names its key and has the digest of the bundle', () => {
    const signature = verifyModelSignature(readFileSync(new URL(`${curve}.sig`, folder)), [publicKey], curve);
    expect(signature).toMatchObject({ signer: publicKey.id, digest: bundleDigest(files) });
    expect(() => requireSigned(signature.files, files, curve)).not.toThrow();
    expect(files).toHaveLength(6);
  });
});

describe('a signature', () => {
  it('verifies as it was made, without model.sig itself', () => {
    const text = signModel({ name: 'bundle', files: [...FILES, { name: 'model.sig', sha256: sha256('') }], key });
    const { files, digest, signer } = verify(Buffer.from(text));
    expect(files.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect({ digest, signer }).toEqual({ digest: bundleDigest(FILES), signer: key.publicKey.id });
  });

  it('is made in the order of code points', () => {
    const names = ['\u{1f600}', '\uff5e', 'Z', 'a'];
    const text = signModel({ name: 'b', files: names.map((name) => ({ name, sha256: sha256(name) })), key });
    expect(verify(Buffer.from(text)).files.map(({ name }) => name)).toEqual(['Z', 'a', '\uff5e', '\u{1f600}']);
  });

  it.each<[string, Change]>([
    [
      'files in another order, which the root digest follows',
      { resources: ['c', 'a', 'b'].map((name) => resource(name)) },
    ],
    ['a keyid that is missing', { signatures: (sig) => [{ sig }] }],
    ['a keyid that is null', { signatures: (sig) => [{ sig, keyid: null }] }],
    ['rawBytes in the place of the hint, as older ones have it', { publicKey: { rawBytes: 'AAAA', keyDetails: 'X' } }],
    ['a hint that is null', { publicKey: { hint: null } }],
    ['fields of later versions', { statement: { note: 1 }, predicate: { card: {} } }],
    ['no ignored paths', { serialization: { ignore_paths: undefined } }],
    ['files in folders', { resources: [resource('a/b.bin')] }],
    ['a second signature that is none', { signatures: (sig) => [{ sig }, { sig: 'AAAA' }] }],
    ['a key of another curve', { by: other }],
  ])('is taken with %s', (_what, change) => {
    expect(verify(made(change)).files.length).toBeGreaterThan(0);
  });

  it.each<[string, Change, string]>([
    ['no files', { resources: [] }, 'predicate: resources'],
    ['an absolute name', { resources: [resource('/etc/passwd')] }, 'is no path inside the bundle'],
    ['a name that leaves the folder', { resources: [resource('x/../../y')] }, 'is no path inside the bundle'],
    ['a name with a backslash', { resources: [resource('..\\y')] }, 'is no path inside the bundle'],
    ['an empty name', { resources: [resource('')] }, 'is no path inside the bundle'],
    ['a file twice', { resources: [resource('a'), resource('a')] }, 'signs a file twice'],
    ['symlinks allowed', { serialization: { allow_symlinks: true } }, 'allow_symlinks'],
    ['symlinks left open', { serialization: { allow_symlinks: undefined } }, 'allow_symlinks'],
    ['a model file that is ignored', { serialization: { ignore_paths: ['model.onnx'] } }, 'ignore_paths'],
    ['everything ignored', { serialization: { ignore_paths: ['.'] } }, 'ignore_paths'],
    ['shards', { serialization: { method: 'shards', shard_size: 10 } }, 'method'],
    ['another kind of hash', { serialization: { hash_type: 'blake2b' } }, 'hash_type'],
    ['another kind of hash for one file', { resources: [resource('a', { algorithm: 'blake3' })] }, 'algorithm'],
    ['a digest that is none', { resources: [resource('a', { digest: 'abc' })] }, 'digest'],
    ['an older predicate', { statement: { predicateType: 'https://model_signing/Digests/v0.1' } }, 'predicateType'],
    ['another statement', { statement: { _type: 'https://in-toto.io/Statement/v0.1' } }, '_type'],
    ['two subjects', { statement: { subject: [1, 2] } }, 'subject'],
    ['a root digest of other files', { digest: sha256('x') }, 'root digest'],
    [
      'the root digest in sorted order of files that are listed in another',
      {
        resources: ['c', 'a'].map((name) => resource(name)),
        digest: rootOf(['a', 'c']),
      },
      'root digest',
    ],
    ['another type of payload', { payloadType: 'application/json' }, 'unknown type'],
    ['another type of bundle', { mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1' }, 'mediaType'],
    ['a hint of another key', { publicKey: { hint: newKey().publicKey.hint } }, 'not among those'],
    ['a key that nobody trusts', { by: newKey() }, 'not among those'],
    [
      'a key that nobody trusts under the hint of one',
      { by: newKey(), publicKey: { hint: key.publicKey.hint } },
      'does not verify',
    ],
    [
      'a good signature only in the second place',
      { signatures: (sig) => [{ sig: 'AAAA' }, { sig }] },
      'does not verify',
    ],
    ['no signature', { signatures: () => [] }, 'does not verify'],
    ['a certificate in the place of a key', { publicKey: 'x' as unknown as object }, 'publicKey'],
  ])('is refused with %s', (_what, change, reason) => {
    expect(() => verify(made(change))).toThrow(refusal(reason));
  });

  it('is refused where its payload was written anew, though it says the same', () => {
    const bundle = JSON.parse(made().toString());
    const payload = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
    bundle.dsseEnvelope.payload = Buffer.from(JSON.stringify(payload)).toString('base64');
    expect(() => verify(Buffer.from(JSON.stringify(bundle)))).toThrow(refusal('does not verify'));
  });

  it('is looked at before what it signs: a payload that nobody signed is not parsed', () => {
    const bundle = JSON.parse(made().toString());
    bundle.dsseEnvelope.payload = Buffer.from('no JSON').toString('base64');
    expect(() => verify(Buffer.from(JSON.stringify(bundle)))).toThrow(refusal('does not verify'));
  });

  it('is refused where it is endless, deep, empty or no text', () => {
    const endless = Buffer.concat([made(), Buffer.alloc(2 ** 20, ' ')]);
    const bad: [Uint8Array, string][] = [
      [endless, 'at most 1048576'],
      [Buffer.from('['.repeat(1000)), 'levels deep'],
      [Buffer.alloc(0), 'no JSON'],
      [Buffer.from([0xff, 0x7b]), 'no JSON'],
    ];
    for (const [bytes, reason] of bad) expect(() => verify(bytes)).toThrow(refusal(reason));
  });

  it('of which any byte was changed is refused, or is the same', () => {
    const good = made();
    const { files, digest } = verify(good);
    const changed = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(changed, ([at, by]) => {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ by;
        try {
          expect(verify(bytes)).toMatchObject({ files, digest });
        } catch (error) {
          expect(error).toEqual(refusal(''));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the files of a folder', () => {
  it.each<[string, readonly FileDigest[], string]>([
    ['one more', [...FILES, { name: 'extra', sha256: sha256('') }], 'extra is not signed'],
    ['one less', FILES.slice(1), 'b is signed, and missing'],
    ['another in the place of one', [{ name: 'b', sha256: sha256('x') }, ...FILES.slice(1)], 'b is not the file'],
    [
      'two that changed places',
      [
        { name: 'a', sha256: sha256('b') },
        { name: 'b', sha256: sha256('a') },
        { name: 'c', sha256: sha256('c') },
      ],
      'is not the file',
    ],
  ])('are refused with %s', (_what, files, reason) => {
    expect(() => requireSigned(FILES, files, 'folder')).toThrow(refusal(reason));
  });

  it('are taken in any order, with the signature beside them', () => {
    const present = [...FILES.toReversed(), { name: 'model.sig', sha256: sha256('s') }];
    expect(() => requireSigned(FILES, present, 'folder')).not.toThrow();
  });
});
