import { COMMANDS } from '../../src/common/protocol/index.ts';
import { answering, type CommandAnswer } from '../../src/device/sync/index.ts';

/** These answers, and for every other command one that says that nobody knows here: tests need not name them all. */
export function withOthers(...answers: readonly CommandAnswer[]): CommandAnswer[] {
  const others = COMMANDS.filter((command) => answers.every(({ name }) => name !== command));
  return [
    ...answers,
    ...others.map((name) => answering(name, async () => ({ ok: false, reason: 'nobody knows here' }))),
  ];
}
