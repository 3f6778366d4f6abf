import { answering, type CommandAnswer } from './command-answer.ts';
import type { OutboxPort } from './ports.ts';

/** Seqs of one command: counting and sending more in one go would hold up the store. */
const MOST_SEQS = 100_000;

/** Answers `resync`: offers the range once more, and calls `onOffered` where something of it is to be sent. */
export function resyncAnswer(outbox: Pick<OutboxPort, 'resend'>, onOffered: () => void): CommandAnswer {
  return answering('resync', async ({ boot, from, to }) => {
    if (to < from) return { ok: false, reason: `the range ${from} to ${to} runs backwards` };
    if (to - from >= MOST_SEQS) return { ok: false, reason: `more than ${MOST_SEQS} seqs: ask for them in pieces` };
    const resync = await outbox.resend({ boot, from, to });
    if (resync.sending > 0) onOffered();
    return { ok: true, resync };
  });
}
