import { Command, CommanderError } from 'commander';
import { findInstallation } from '../../device/runtime/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { type Io, reportError, writeError } from './io.ts';

/**
 * Commands by name. One is loaded when it is asked for, so that a gateway does not have the demo's broker in memory.
 */
const COMMANDS = new Map<string, () => Promise<DefineCommand>>([
  ['demo', async () => (await import('./demo.ts')).demoCommand],
  ['run', async () => (await import('./run.ts')).runCommand],
  ['check', async () => (await import('./check.ts')).checkCommand],
  ['replay', async () => (await import('./replay.ts')).replayCommand],
  ['reload', async () => (await import('./reload.ts')).reloadCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['watch', async () => (await import('./watch.ts')).watchCommand],
  ['support-bundle', async () => (await import('./support-bundle.ts')).supportBundleCommand],
  ['enroll', async () => (await import('./enroll.ts')).enrollCommand],
  ['trust', async () => (await import('./trust.ts')).trustCommand],
  ['audit', async () => (await import('./audit.ts')).auditCommand],
  ['outbox', async () => (await import('./outbox.ts')).outboxCommand],
  ['model', async () => (await import('./model.ts')).modelCommand],
]);

const HELP = `
Exit status: 0 done; 1 the answer is no, or the world did not let it; 2 wrong usage, or a missing or invalid file.

Examples:
  edgewright demo
  edgewright check device-config/hydraulic.yaml
  edgewright run gateway.yaml
  edgewright help run`;

/** Parses the arguments, runs the command and returns the exit status: 0 done, 1 the answer is no, 2 wrong usage. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const context: CommandContext = { io, installation: findInstallation() };
  const outcome = { status: 0 };
  const program = new Command('edgewright')
    .description('Runs quantized ONNX models next to the machine, buffers what they say, and syncs it over MQTT.')
    .version(context.installation.version)
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => writeError(io, text) });
  const asked = COMMANDS.get(argv[0] ?? '');
  for (const load of asked ? [asked] : COMMANDS.values()) {
    const define = await load();
    define(program, context, (status) => {
      outcome.status = status;
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return outcome.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(io, error, argv.includes('--json'));
  }
}
