import { EdgewrightError, printable, printableIn } from '../../common/core/index.ts';
import { loadToken } from '../../common/http/index.ts';
import { silentLogger } from '../../common/observability/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import { type Config, type Loaded, loadConfig } from '../../device/config/index.ts';
import { BUILD_TIME, createSystemClock } from '../../device/runtime/index.ts';
import { checkGateway, checkOnline } from '../checks/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { type Io, paint, writeLine } from './io.ts';

interface Options {
  readonly json?: boolean;
  readonly online?: boolean;
}

const HELP = `
Reports every problem at once: where it is in the file, what is wrong, what to do. Changes nothing.
Exit status: 0 no errors (warnings do not count), 1 a model or the world says no, 2 the file is wrong.

Examples:
  edgewright check gateway.yaml
  edgewright check gateway.yaml --online --json`;

export const checkCommand: DefineCommand = (program, context, finish) => {
  program
    .command('check')
    .argument('<config>', 'YAML configuration of the gateway')
    .option('--online', 'connect to the brokers, too')
    .option('--json', 'write each problem as one line of JSON')
    .description('Validate configuration, models and disk.')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => finish(await check(file, options, context)));
};

async function check(file: string, options: Options, { io, installation }: CommandContext): Promise<number> {
  const { config, rest, problems } = await loadConfig(file, io.env).catch(unreadable);
  const found = [...problems];
  // The good part of a broken configuration is checked further, so that every problem shows at once.
  const good = config ?? rest;
  if (good) {
    const deps = { installation, logger: silentLogger, clock: createSystemClock(BUILD_TIME) };
    found.push(...checkToken(good), ...(await checkGateway(good, deps)));
    if (options.online) found.push(...(await checkOnline(good, silentLogger)));
  }
  for (const problem of found) await writeLine(io, options.json ? asLine(problem) : describe(printableIn(problem), io));
  const errors = found.filter(({ severity }) => severity === 'error');
  if (!options.json)
    await writeLine(io, summary(printable(file), errors.length, found.length - errors.length, io, config));
  return exitStatus(errors);
}

function unreadable(error: unknown): Loaded {
  return { secrets: [], problems: [asProblem(error, '')] };
}

/** Looks for the token that the configuration names; where it names none, `run` makes one. */
function checkToken({ http }: Config): Problem[] {
  if (http.tokenFile === undefined) return [];
  try {
    loadToken(http.tokenFile, false);
    return [];
  } catch (error) {
    return [asProblem(error, 'http.tokenFile')];
  }
}

function asProblem(error: unknown, path: string): Problem {
  if (!(error instanceof EdgewrightError)) throw error;
  const { code, message, hint } = error;
  return { severity: 'error', path, code, message, hint };
}

/** Writes a problem in the form that programs rely on. */
function asLine({ severity, path, code, message, hint }: Problem): string {
  return JSON.stringify({ severity, path, code, message, hint });
}

/** The exit status: 2 where a file is wrong, 1 where a model or the world says no. */
function exitStatus(errors: readonly Problem[]): number {
  if (errors.length === 0) return 0;
  return errors.every(({ exit }) => exit === 1) ? 1 : 2;
}

function describe({ severity, path, message, hint, code }: Problem, io: Io): string {
  const label = severity === 'error' ? paint(io, 'red', 'error  ') : paint(io, 'yellow', 'warning');
  return `${label} ${paint(io, 'bold', path || '(file)')}: ${message}\n        ${hint} [${code}]`;
}

function summary(file: string, errors: number, warnings: number, io: Io, config: Config | undefined): string {
  if (errors > 0) return `${file}: ${errors} error(s), ${warnings} warning(s)`;
  const pipelines = Object.keys(config?.pipelines ?? {}).length;
  const text = `${file}: good, ${pipelines} pipeline(s)${warnings > 0 ? `, ${warnings} warning(s)` : ''}`;
  return paint(io, 'green', text);
}
