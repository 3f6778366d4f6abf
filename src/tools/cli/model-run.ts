import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { reasonOf } from '../../common/core/index.ts';
import { runFile } from '../modeltools/index.ts';
import type { CommandContext } from './command.ts';
import { requestUnreadable } from './errors.ts';
import { writeError, writeLine } from './io.ts';

const HELP = `
Request and response are those of the Open Inference Protocol v2. Strings are BYTES; 64-bit integers beyond 2^53 are
decimal strings; floats that are not finite are "NaN", "Infinity" and "-Infinity". Data may be flat or nested.

Example request:
  {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [0.5, 1.25]}]}

Examples:
  edgewright model run model.onnx --input request.json
  edgewright model run model.onnx --input - < request.json`;

interface RunOptions {
  readonly input: string;
  readonly engine: 'wasm' | 'native';
  readonly json?: boolean;
}

export function defineRun(model: Command, { io, installation }: CommandContext): void {
  model
    .command('run')
    .argument('<file>', '.onnx or .ort file')
    .requiredOption('--input <request.json>', 'the request; - reads it from stdin')
    .addOption(
      new Option('--engine <name>', 'what runs the model').choices(['wasm', 'native'] as const).default('wasm'),
    )
    .option('--json', 'write the response on one line')
    .description('Answer one inference request.')
    .addHelpText('after', HELP)
    .action(async (file: string, { input, engine, json }: RunOptions) => {
      const text = await readRequest(input);
      const { response, leftOut } = await runFile(file, { text, origin: input }, { engine, installation });
      if (leftOut.length > 0) {
        writeError(io, `${file}: left out, being sequences or maps, not tensors: ${leftOut.join(', ')}\n`);
      }
      await writeLine(io, json ? JSON.stringify(response) : JSON.stringify(response, null, 2));
    });
}

function readRequest(path: string): Promise<string> {
  return readFile(path === '-' ? '/dev/stdin' : path, 'utf8').catch((error: unknown) => {
    throw requestUnreadable(path, reasonOf(error), { cause: error });
  });
}
