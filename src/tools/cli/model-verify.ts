import type { Command } from 'commander';
import type { PublicKey } from '../../common/trust/index.ts';
import { readRootFile } from '../../scoring/registry/index.ts';
import { readPublicKeyFile, verifyBundle } from '../keys/index.ts';
import type { CommandContext } from './command.ts';
import { usage } from './errors.ts';
import { writeLine } from './io.ts';

const HELP = `
The signature is verified before anything in the bundle is read; every file has to be as it was signed, and none may be
more. With --root any key will do that the root allows to sign models.
Exit status: 0 it is as it was signed, 1 it is not (with a code), 2 there is no such bundle, key or root.

Examples:
  edgewright model verify models/pump --key keys/modeller.pub
  edgewright model verify models/pump --root root.json --json`;

interface VerifyOptions {
  readonly key?: string;
  readonly root?: string;
  readonly json?: boolean;
}

export function defineVerify(model: Command, { io }: CommandContext): void {
  model
    .command('verify')
    .argument('<folder>', 'folder of the bundle')
    .option('--key <file>', 'public key that has to have signed it')
    .option('--root <file>', 'root, one of whose model keys has to have signed it')
    .option('--json', 'write one JSON object: digest, signer, files')
    .description('Verify the signature of a bundle.')
    .addHelpText('after', HELP)
    .action(async (folder: string, { json, ...by }: VerifyOptions) => {
      const verified = await verifyBundle(folder, await signersOf(by));
      const { digest, signer, files } = verified;
      const text = `${folder}: digest ${digest}, ${Object.keys(files).length} files, signed by ${signer}`;
      await writeLine(io, json ? JSON.stringify(verified) : text);
    });
}

async function signersOf({ key, root }: VerifyOptions): Promise<readonly PublicKey[]> {
  if (root !== undefined && key === undefined) return (await readRootFile(root)).roles.model.keys;
  if (key !== undefined && root === undefined) return [await readPublicKeyFile(key)];
  throw usage('model verify', 'needs either --key or --root', {
    hint: 'Give the public key that has to have signed the bundle, or a root that says which may.',
  });
}
