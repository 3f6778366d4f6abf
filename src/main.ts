#!/usr/bin/env node
import { runProgram } from './tools/cli/index.ts';

// A reader that goes away (`| head`) ends the output, not the gateway.
let outputFailed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || outputFailed) return;
  outputFailed = true;
  process.stderr.write(`error: stdout: ${error.message}\n`);
});

const status = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
process.exitCode = status === 0 && outputFailed ? 1 : status;
