import pino from 'pino';
import { type LogFields, type Logger, printableIn, printableLines, redactWithin } from '../core/index.ts';

/** The levels of the log, from the most to the least. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Lines of one message that a window lets through; the next window's first line says how many were held back. */
const REPEATS_PER_WINDOW = 5;
const WINDOW_MS = 60_000;
/** Characters of lines that could not be written and are kept. */
const MAX_UNWRITTEN = 64 * 1024;
/** Messages that have a limit of their own: they are constants, so there are few. What is beyond shares one limit. */
const MAX_MESSAGES = 256;

/** A logger whose least level can be set while it is used. */
export interface LevelledLogger extends Logger {
  setLevel(level: LogLevel): void;
}

interface Repeat {
  windowStart: number;
  count: number;
}

/**
 * Makes a logger that writes JSON lines on stderr (`dest` 2) or to a file, or readable lines where stderr is a
 * terminal. Repeated messages are rate-limited, so that logs cannot fill a disk.
 *
 * @param redact takes the secrets out of every text that is logged
 */
export async function createLogger(
  level: LogLevel,
  dest: number | string = 2,
  redact: (text: string) => string = (text) => text,
): Promise<LevelledLogger> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const output = destination(dest);
  const target = dest === 2 && process.stderr.isTTY ? await readable(output) : jsonLines(output);
  const log = pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, target);
  const write = (at: LogLevel) => (message: string, fields?: LogFields) =>
    log[at](redactWithin(fields ?? {}, redact) as LogFields, redact(message));
  const levels = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const setLevel = (least: LogLevel) => {
    log.level = least;
  };
  return { ...limitRepeats(levels, () => performance.now()), setLevel };
}

/** What lines of JSON are written to; what JSON leaves in a text of controls is escaped. */
function jsonLines(output: pino.DestinationStream): pino.DestinationStream {
  return { write: (line) => void output.write(printableLines(line)) };
}

/** Loads the readable form, on a terminal only: a gateway has no use for it. It writes texts as they are. */
export async function readable(
  output: NodeJS.WritableStream | pino.DestinationStream,
): Promise<pino.DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    ...{ destination: output as NodeJS.WritableStream, sync: true },
    ...{ colorize: true, translateTime: 'HH:MM:ss' },
  });
  return { write: (line) => void stream.write(`${JSON.stringify(printableIn(JSON.parse(line)))}\n`) };
}

/**
 * Opens what the log is written to. Lines that cannot be written (the terminal is gone, the disk is full) end nothing:
 * a few are kept for when it can be written again, and the others are lost.
 */
function destination(dest: number | string) {
  const output = pino.destination({ dest, sync: true, mode: 0o600, maxLength: MAX_UNWRITTEN });
  output.on('error', () => undefined);
  return output;
}

/**
 * Lets the first lines of a message in a minute through, and has the next minute's first one say how many were held
 * back (`heldBack`). `now` is monotonic ms.
 */
export function limitRepeats(logger: Logger, now: () => number): Logger {
  const repeats = new Map<string, Repeat>();
  const limited = (level: LogLevel) => (message: string, fields?: LogFields) => {
    const key = repeats.has(message) || repeats.size < MAX_MESSAGES ? message : '';
    const repeat = repeats.get(key) ?? { windowStart: now(), count: 0 };
    repeats.set(key, repeat);
    if (now() - repeat.windowStart >= WINDOW_MS) {
      const heldBack = repeat.count - REPEATS_PER_WINDOW;
      repeat.windowStart = now();
      repeat.count = 0;
      if (heldBack > 0) fields = { ...fields, heldBack };
    }
    repeat.count += 1;
    if (repeat.count <= REPEATS_PER_WINDOW) logger[level](message, fields);
  };
  return { debug: limited('debug'), info: limited('info'), warn: limited('warn'), error: limited('error') };
}

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
