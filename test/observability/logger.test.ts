import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { LogFields, Logger } from '../../src/common/core/index.ts';
import { createLogger, limitRepeats, readable } from '../../src/common/observability/index.ts';

const MINUTE = 60_000;

/** A logger that is limited, with a clock to be set, and what it let through. */
function limited() {
  const lines: [level: string, message: string, fields: LogFields | undefined][] = [];
  const level = (name: string) => (message: string, fields?: LogFields) => lines.push([name, message, fields]);
  const inner: Logger = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
  const clock = { now: 0 };
  return { lines, clock, logger: limitRepeats(inner, () => clock.now) };
}

const repeat = (times: number, work: (i: number) => void) => Array.from({ length: times }, (_, i) => work(i));

describe('repeated messages', () => {
  it('come through five times a minute, with their own fields', () => {
    const { lines, logger } = limited();
    repeat(100, (i) => logger.warn('refused', { i }));
    expect(lines).toEqual([0, 1, 2, 3, 4].map((i) => ['warn', 'refused', { i }]));
  });

  it('come again in the next minute, and tell how many were held back', () => {
    const { lines, clock, logger } = limited();
    repeat(100, () => logger.warn('refused'));
    clock.now = MINUTE - 1;
    logger.warn('refused');
    expect(lines).toHaveLength(5);
    clock.now = MINUTE;
    repeat(2, (i) => logger.warn('refused', { i }));
    expect(lines.slice(5)).toEqual([
      ['warn', 'refused', { i: 0, heldBack: 96 }],
      ['warn', 'refused', { i: 1 }],
    ]);
  });

  it('tell nothing where nothing was held back', () => {
    const { lines, clock, logger } = limited();
    repeat(3, () => logger.info('tick'));
    clock.now = MINUTE;
    logger.info('tick');
    expect(lines.at(-1)).toEqual(['info', 'tick', undefined]);
  });

  it('hold no other message back', () => {
    const { lines, logger } = limited();
    repeat(100, () => logger.warn('refused'));
    logger.error('outbox cannot commit');
    expect(lines.at(-1)).toEqual(['error', 'outbox cannot commit', undefined]);
  });

  it('cannot fill the memory by being different each time', () => {
    const { lines, logger } = limited();
    repeat(10_000, (i) => logger.warn(`message ${i}`));
    expect(lines.length).toBeLessThan(300);
  });
});

describe('the log', () => {
  async function written(work: (logger: Logger) => void): Promise<Record<string, unknown>[]> {
    const folder = await mkdtemp(join(tmpdir(), 'edgewright-log-'));
    try {
      const file = join(folder, 'log');
      work(await createLogger('info', file));
      const text = await readFile(file, 'utf8');
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('is one JSON object a line, with time, level, message and fields', async () => {
    const [line, ...others] = await written((logger) => logger.warn('refused', { source: 'rig', reason: 'not-json' }));
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: 'warn', msg: 'refused', source: 'rig', reason: 'not-json' });
    expect(Date.parse(String(line?.['time']))).not.toBeNaN();
  });

  it('stays one line whatever the fields hold', async () => {
    const lines = await written((logger) => logger.info('refused', { detail: 'a\n{"level":"error"}\u2028' }));
    expect(lines).toEqual([expect.objectContaining({ level: 'info', detail: 'a\n{"level":"error"}\u2028' })]);
  });

  it('leaves out what is below its level', async () => {
    const lines = await written((logger) => {
      logger.debug('detail');
      logger.info('news');
    });
    expect(lines.map(({ msg }) => msg)).toEqual(['news']);
  });

  it('is limited', async () => {
    expect(await written((logger) => repeat(1000, () => logger.error('again')))).toHaveLength(5);
  });
});

describe('what comes from outside', () => {
  const HOSTILE = 'x\u001b[2J\u009b31m\u202egnp\ud800';
  const STEERS = /(?!\n)[\p{Cc}\p{Cs}\u202e]/u;

  it('stands in a line of JSON as it came, and steers no terminal that shows the line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edgewright-log-'));
    const file = join(folder, 'log');
    (await createLogger('info', file)).info(HOSTILE, { [HOSTILE]: { a: [HOSTILE] } });
    const text = await readFile(file, 'utf8');
    await rm(folder, { recursive: true });
    expect(text).not.toMatch(STEERS);
    const { msg, ...fields } = JSON.parse(text);
    expect(msg).toBe(HOSTILE);
    expect(JSON.stringify(fields)).toContain('gnp');
  });

  it('steers nothing in the readable form either, which writes texts as they are', async () => {
    let text = '';
    const terminal = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    const stream = await readable(terminal);
    stream.write(`${JSON.stringify({ level: 30, time: 0, msg: HOSTILE, [HOSTILE]: { a: [HOSTILE] } })}\n`);
    await vi.waitFor(() => expect(text).toContain('gnp'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of the form itself.
    expect(text.replace(/\u001b\[\d+m/g, '')).not.toMatch(STEERS);
    expect(text).not.toContain('\u001b[2J');
  });
});
