import { styleText } from 'node:util';
import { EdgewrightError, printable, printableLines, reasonOf } from '../../common/core/index.ts';
import { outputLost } from './errors.ts';

/** Streams and environment of a command; tests give their own. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/** Colours and weights, which is all that a program tells a terminal in a line. */
const STYLE = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`);

/** What goes out, whoever it comes from: nothing in it steers a terminal but the styles of `paint`. */
function outgoing(io: Io, text: string): string {
  if (!isStyled(io)) return printableLines(text);
  const parts = text.split(STYLE);
  return parts.map((part, index) => (index % 2 === 1 ? part : printableLines(part))).join('');
}

function isStyled(io: Io): boolean {
  return io.stdout.isTTY === true && !io.env['NO_COLOR'];
}

/** Writes text to stderr, which nothing in it steers. */
export function writeError({ stderr }: Io, text: string): void {
  stderr.write(printableLines(text));
}

/**
 * Writes a line to stdout and resolves once the system has it. Rejects with `cli.output-lost`, also where the reader is
 * gone: what was written then is nowhere.
 */
export function writeKept(io: Io, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    io.stdout.write(`${outgoing(io, line)}\n`, (error?: Error | null) => {
      if (error) reject(outputLost('stdout', reasonOf(error), { cause: error }));
      else resolve();
    });
  });
}

/**
 * Writes a line to stdout. Returns a promise where the reader is slower than the program; a reader that is gone is not
 * waited for.
 */
export function writeLine(io: Io, line: string): Promise<void> | undefined {
  const { stdout } = io;
  if (stdout.write(`${outgoing(io, line)}\n`) || !stdout.writable) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      stdout.off('drain', done).off('close', done);
      resolve();
    };
    stdout.on('drain', done).on('close', done);
  });
}

type Style = Parameters<typeof styleText>[0];

/** Styles text for a terminal; elsewhere, and where NO_COLOR asks for no colours, it stays as it is. */
export function paint(io: Io, style: Style, text: string): string {
  return isStyled(io) ? styleText(style, text, { validateStream: false }) : text;
}

/** Writes to stderr what went wrong, why and what to do, and returns the exit status. */
export function reportError(io: Io, error: unknown, json: boolean): number {
  if (!(error instanceof EdgewrightError)) {
    const stack = error instanceof Error ? error.stack : String(error);
    writeError(io, `internal error, please report it: ${stack}\n`);
    return 1;
  }
  const { code, hint, path, message, subject } = error;
  if (json)
    writeError(io, `${JSON.stringify({ severity: 'error', code, subject, path, message: reasonOf(error), hint })}\n`);
  else writeError(io, `error: ${message}\n  what to do: ${printable(hint)}\n  code: ${code}\n`);
  return error.kind.exit;
}
