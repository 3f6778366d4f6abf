import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CURVE_NAMES,
  generateKey,
  readPrivateKey,
  readPublicKey,
  requireSigned,
  signModel,
  verifyModelSignature,
} from '../../src/common/trust/index.ts';
import { hasModelSigning, modelSigning } from '../support/model-signing.ts';

const CONTENTS = { 'manifest.json': '{}', 'model.onnx': 'model', 'B.json': '1', 'ä.json': '2', '\u{1f600}.bin': '3' };

let home: string;
let bundle: string;
let sig: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'edgewright-signing-'));
  bundle = await mkdtemp(join(home, 'bundle-'));
  sig = join(bundle, 'model.sig');
  for (const [name, text] of Object.entries(CONTENTS)) await writeFile(join(bundle, name), text);
});
afterEach(() => rm(home, { recursive: true }));

const digestsOf = async (folder: string) =>
  Promise.all(
    (await readdir(folder)).map(async (name) => ({
      name,
      sha256: createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    })),
  );

async function keyFiles(curve: (typeof CURVE_NAMES)[number]) {
  const made = generateKey(curve);
  const [key, pub] = [join(home, 'a.key'), join(home, 'a.pub')];
  await writeFile(key, made.key);
  await writeFile(pub, made.pub);
  return { ...made, keyFile: key, pubFile: pub };
}

describe.runIf(hasModelSigning).each(CURVE_NAMES)(
  'with model_signing itself and a key on %s (skipped without it)',
  (curve) => {
    it('what it signs verifies here', async () => {
      const { keyFile, pub } = await keyFiles(curve);
      modelSigning('sign', 'key', bundle, '--private_key', keyFile, '--signature', sig);
      const signature = verifyModelSignature(await readFile(sig), [readPublicKey(pub, 'pub')], sig);
      expect(() => requireSigned(signature.files, [], bundle)).toThrow('missing');
      requireSigned(signature.files, await digestsOf(bundle), bundle);
    });

    it('what is signed here verifies there, and does not once a file is another', async () => {
      const { key, pubFile } = await keyFiles(curve);
      const files = await digestsOf(bundle);
      await writeFile(sig, signModel({ name: 'bundle', files, key: readPrivateKey(key, 'key') }));
      const verify = () => modelSigning('verify', 'key', bundle, '--public_key', pubFile, '--signature', sig);
      expect(verify()).toContain('succeeded');
      await writeFile(join(bundle, 'model.onnx'), 'another');
      expect(verify).toThrow('model.onnx');
    });
  },
);
