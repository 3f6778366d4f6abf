import { beforeEach, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/common/core/index.ts';
import type { Message } from '../../src/common/link/index.ts';
import { COMMANDS, type Reply, type StatusMessage } from '../../src/common/protocol/index.ts';
import type { CommandAnswer } from '../../src/device/sync/command-answer.ts';
import { CommandHandler } from '../../src/device/sync/command-handler.ts';
import { explainAnswer } from '../../src/device/sync/explain-answer.ts';
import { resyncAnswer } from '../../src/device/sync/resync-answer.ts';
import { statusAnswer } from '../../src/device/sync/status-answer.ts';
import { silent } from '../link/support.ts';
import { withOthers } from './answers.ts';
import { MemoryOutbox } from './memory-outbox.ts';

const boot = 'ab'.repeat(16);
const status = { online: true, boot } as StatusMessage;

const explanation: Explanation = {
  contributions: [{ sensor: 'flow', contribution: 0.5 }],
  explained: { method: 'occlusion', of: 'anomaly', value: 1, reference: 0.5 },
};

let replies: Reply[];
let offered: number;
let now: number;
let handler: CommandHandler;

beforeEach(() => {
  replies = [];
  offered = 0;
  now = 1_000;
  const outbox = new MemoryOutbox({ site: 's', device: 'd', boot });
  for (const seq of [1, 2, 3]) outbox.confirmed.add(seq);
  handler = new CommandHandler({
    answers: withOthers(
      statusAnswer(() => status),
      resyncAnswer(outbox, () => {
        offered += 1;
      }),
      explainAnswer(async (pipeline, asset) =>
        pipeline === 'p' ? { ...explanation, from: 1, to: 2 } : { reason: `no ${asset}` },
      ),
    ),
    reply: async (reply) => replies.push(reply),
    logger: silent,
    now: () => now,
  });
});

function message(content: unknown, changes: Partial<Message> = {}): Message {
  const payload = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { topic: 't', payload, qos: 1, retain: false, duplicate: false, properties: {}, ...changes };
}

async function ask(content: unknown, changes?: Partial<Message>): Promise<Reply | undefined> {
  replies.length = 0;
  handler.take(message(content, changes));
  await new Promise(setImmediate);
  return replies[0];
}

describe('a command handler', () => {
  const deps = { reply: async () => undefined, logger: silent, now: () => 0 };

  it('cannot be made where a command of the protocol has no answer, or two', () => {
    const all = withOthers();
    const make = (answers: readonly CommandAnswer[]) => () => new CommandHandler({ ...deps, answers });
    expect(make(all)).not.toThrow();
    expect(make(all.filter(({ name }) => name !== 'resync'))).toThrow('one answer: look at resync');
    expect(make([...all, statusAnswer(() => status)])).toThrow('one answer: look at status');
  });
});

describe('a command', () => {
  it('status is answered with the status', async () => {
    expect(await ask({ id: '1', command: 'status' })).toEqual({ id: '1', ok: true, status });
  });

  it('resync tells what comes and what is gone, and has it sent', async () => {
    const reply = await ask({ id: '1', command: 'resync', boot, from: 2, to: 5 });
    expect(reply).toEqual({ id: '1', ok: true, resync: { sending: 2, waiting: 0, gone: 2 } });
    expect(offered).toBe(1);
  });

  it('explain tells which sensors the last answer rests on', async () => {
    const reply = await ask({ id: '1', command: 'explain', pipeline: 'p', asset: 'x' });
    expect(reply).toEqual({ id: '1', ok: true, explanation: { ...explanation, from: 1, to: 2 } });
  });

  it.each([
    [{ id: '1', command: 'stop' }, `known commands: ${COMMANDS.join(', ')}`],
    [{ id: '1', command: 'explain', pipeline: 'p' }, 'command.asset'],
    [{ id: '1', command: 'explain', pipeline: 'q', asset: 'x' }, 'no x'],
    [{ id: '1', command: 'resync', boot, from: 0, to: 5 }, 'command.from'],
    [{ id: '1', command: 'resync', boot, from: 5, to: 2 }, 'runs backwards'],
    [{ id: '1', command: 'resync', boot, from: 1, to: 100_001 }, 'in pieces'],
  ])('%j is answered with what is wrong', async (command, reason) => {
    expect(await ask(command)).toEqual({ id: '1', ok: false, reason: expect.stringContaining(reason) });
    expect(offered).toBe(0);
  });

  it('that cannot be answered is counted by its reason', async () => {
    const one = { id: '1', command: 'status' };
    expect(await ask('{')).toBeUndefined();
    expect(await ask({ command: 'status' })).toBeUndefined();
    expect(await ask(one, { retain: true })).toBeUndefined();
    expect(await ask('', { oversized: 70_000 })).toBeUndefined();
    expect(handler.refused).toEqual({ malformed: 2, retained: 1, oversized: 1 });
    expect(await ask(one)).toMatchObject({ ok: true });
  });

  it('of one id is answered once', async () => {
    expect(await ask({ id: '1', command: 'status' })).toBeDefined();
    expect(await ask({ id: '1', command: 'status' })).toBeUndefined();
    expect(handler.refused).toEqual({ repeated: 1 });
  });

  it('is answered no more often than a person asks', async () => {
    for (let n = 0; n < 10; n += 1) expect(await ask({ id: `a${n}`, command: 'status' })).toBeDefined();
    expect(await ask({ id: 'b', command: 'status' })).toBeUndefined();
    now += 1_000;
    expect(await ask({ id: 'c', command: 'status' })).toBeDefined();
    expect(await ask({ id: 'd', command: 'status' })).toBeUndefined();
    expect(handler.refused).toEqual({ 'too-many': 2 });
  });
});
