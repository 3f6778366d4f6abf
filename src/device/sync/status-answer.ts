import type { StatusMessage } from '../../common/protocol/index.ts';
import { answering, type CommandAnswer } from './command-answer.ts';

/** Answers `status` with the message that would be published now. */
export function statusAnswer(status: () => StatusMessage): CommandAnswer {
  return answering('status', async () => ({ ok: true, status: status() }));
}
