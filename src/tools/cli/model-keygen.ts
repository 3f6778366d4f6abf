import { type Command, Option } from 'commander';
import { CURVE_NAMES, type CurveName } from '../../common/trust/index.ts';
import { createKey } from '../keys/index.ts';
import type { CommandContext } from './command.ts';
import { writeLine } from './io.ts';

const HELP = `
NAME.key is the private key (PKCS#8 in PEM, readable by its owner alone), NAME.pub the public one. Nothing is written over.
Keep the key of a model, and those of the root, where no gateway and no network reaches them.

Examples:
  edgewright model keygen keys/modeller
  edgewright model keygen keys/alice --curve p384 --passphrase-file secret.txt`;

interface KeygenOptions {
  readonly curve: CurveName;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

export function defineKeygen(model: Command, { io }: CommandContext): void {
  model
    .command('keygen')
    .argument('<name>', 'path of the two files without their endings')
    .addOption(new Option('--curve <name>', 'curve of the ECDSA key').choices(CURVE_NAMES).default('p256'))
    .option('--passphrase-file <file>', 'file whose first line encrypts the private key')
    .option('--json', 'write one JSON object')
    .description('Make a pair of keys.')
    .addHelpText('after', HELP)
    .action(async (name: string, { curve, passphraseFile, json }: KeygenOptions) => {
      const made = await createKey(name, { curve, passphraseFile });
      const text = `${made.key} and ${made.pub}, key ${made.id}`;
      await writeLine(io, json ? JSON.stringify({ ...made, curve }) : text);
    });
}
