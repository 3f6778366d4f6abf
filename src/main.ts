#!/usr/bin/env node
import { runProgram } from './tools/cli/index.ts';

// A reader that goes away (`| head`) ends the output, not the gateway.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
