import type { Command } from 'commander';
import { readKeyFile, signBundle } from '../keys/index.ts';
import type { CommandContext } from './command.ts';
import { writeLine } from './io.ts';

const HELP = `
Writes model.sig over every file of the bundle: OpenSSF Model Signing by key, as model_signing of PyPI verifies it. The
bundle has to be packed, so that what is signed is what was tried.

Examples:
  edgewright model pack models/pump && edgewright model sign models/pump --key keys/modeller.key
  model_signing verify key models/pump --public_key keys/modeller.pub --signature models/pump/model.sig`;

interface SignOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

export function defineSign(model: Command, { io }: CommandContext): void {
  model
    .command('sign')
    .argument('<folder>', 'folder of the bundle')
    .requiredOption('--key <file>', 'private key, of `model keygen` or any ECDSA key in PEM')
    .option('--passphrase-file <file>', 'file whose first line opens the private key')
    .option('--json', 'write one JSON object')
    .description('Sign a bundle.')
    .addHelpText('after', HELP)
    .action(async (folder: string, { key, passphraseFile, json }: SignOptions) => {
      const signed = await signBundle(folder, await readKeyFile(key, passphraseFile));
      const { digest, signer } = signed;
      await writeLine(io, json ? JSON.stringify(signed) : `${folder}: digest ${digest}, signed by ${signer}`);
    });
}
