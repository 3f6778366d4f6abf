import { styleText } from 'node:util';
import { EdgewrightError, reasonOf } from '../../common/core/index.ts';

/** Streams and environment of a command; tests give their own. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Writes a line to stdout. Returns a promise where the reader is slower than the program; a reader that is gone is not
 * waited for.
 */
export function writeLine({ stdout }: Io, line: string): Promise<void> | undefined {
  if (stdout.write(`${line}\n`) || !stdout.writable) return undefined;
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
  return io.stdout.isTTY && !io.env['NO_COLOR'] ? styleText(style, text) : text;
}

/** Writes to stderr what went wrong, why and what to do, and returns the exit status. */
export function reportError(io: Io, error: unknown, json: boolean): number {
  if (!(error instanceof EdgewrightError)) {
    const stack = error instanceof Error ? error.stack : String(error);
    io.stderr.write(`internal error, please report it: ${stack}\n`);
    return 1;
  }
  const { code, hint, path, message, subject } = error;
  if (json)
    io.stderr.write(`${JSON.stringify({ severity: 'error', code, subject, path, message: reasonOf(error), hint })}\n`);
  else io.stderr.write(`error: ${message}\n  what to do: ${hint}\n  code: ${code}\n`);
  return error.kind.exit;
}
