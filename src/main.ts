#!/usr/bin/env node
import { runProgram } from './tools/cli/index.ts';

/** What writing to a reader that went away (`| head`), or to a terminal that closed, fails with. */
const GONE = ['EPIPE', 'EIO'];
const argv = process.argv.slice(2);

// That ends the output, not the program. The gateway goes on whatever becomes of its output, also where a disk is full.
let outputFailed = false;
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (argv[0] === 'run' || GONE.includes(error.code ?? '') || outputFailed) return;
  outputFailed = true;
  process.stderr.write(`error: stdout: ${error.message}\n`);
});

const status = await runProgram(argv, { stdout: process.stdout, stderr: process.stderr, env: process.env });
process.exitCode = status === 0 && outputFailed ? 1 : status;
