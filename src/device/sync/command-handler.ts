import { type Logger, reasonOf } from '../../common/core/index.ts';
import type { Message } from '../../common/link/index.ts';
import { COMMANDS, type Command, decodeCommand, type Reply, type StatusMessage } from '../../common/protocol/index.ts';
import type { Explain, OutboxPort } from './ports.ts';

/** Commands in a burst, and ms after which there is room for another. */
const BURST = 10;
const REFILL = 1_000;
/** Ids whose repetition is known: a broker sends a message again, nobody an old command. */
const REMEMBERED = 256;
/** Counting and sending more in one go would hold up the store. */
const MOST_SEQS = 100_000;

export interface CommandHandlerDeps {
  readonly outbox: OutboxPort;
  readonly status: () => StatusMessage;
  readonly explain: Explain;
  /** Rejects where the broker did not take it. */
  readonly reply: (reply: Reply) => Promise<unknown>;
  /** Confirmed records are to be sent again. */
  readonly wanted: () => void;
  readonly logger: Logger;
  /** Monotonic ms. */
  readonly now: () => number;
}

type Answer = Omit<Reply, 'id'>;

/** Answers commands, none of which changes what acts: each id once, no more often than a person asks. */
export class CommandHandler {
  readonly #deps: CommandHandlerDeps;
  readonly #refused = new Map<string, number>();
  readonly #answered = new Set<string>();
  #tokens = BURST;
  #filledAt: number;

  constructor(deps: CommandHandlerDeps) {
    this.#deps = deps;
    this.#filledAt = deps.now();
  }

  /** Messages by reason. */
  get refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused);
  }

  take({ payload, retain, oversized }: Message): void {
    // It would come again at every connect.
    if (retain) this.#refuse('retained');
    else if (oversized !== undefined) this.#refuse('oversized', `${oversized} bytes`);
    else if (!this.#takeToken()) this.#refuse('too-many', `more than ${BURST} at once`);
    else this.#read(payload);
  }

  #read(payload: Uint8Array): void {
    const { id, command, problem } = decodeCommand(payload);
    if (id === undefined) {
      this.#refuse('malformed', problem);
      return;
    }
    if (this.#answered.has(id)) {
      this.#refuse('repeated', id);
      return;
    }
    this.#remember(id);
    void this.#answer(id, command, problem);
  }

  async #answer(id: string, command: Command | undefined, problem: string): Promise<void> {
    try {
      const answer = command === undefined ? this.#cannot(problem) : await this.#perform(command);
      await this.#deps.reply({ id, ...answer });
    } catch (error) {
      this.#deps.logger.warn('command not answered', { id, reason: reasonOf(error) });
    }
  }

  #cannot(problem: string): Answer {
    this.#refuse('malformed', problem);
    return { ok: false, reason: `${problem}; known commands: ${COMMANDS.join(', ')}` };
  }

  async #perform(command: Command): Promise<Answer> {
    switch (command.command) {
      case 'status':
        return { ok: true, status: this.#deps.status() };
      case 'resync': {
        const { boot, from, to } = command;
        if (to < from) return { ok: false, reason: `the range ${from} to ${to} runs backwards` };
        if (to - from >= MOST_SEQS) return { ok: false, reason: `more than ${MOST_SEQS} seqs: ask for them in pieces` };
        const resync = await this.#deps.outbox.resend({ boot, from, to });
        if (resync.sending > 0) this.#deps.wanted();
        return { ok: true, resync };
      }
      case 'explain': {
        const answer = await this.#deps.explain(command.pipeline, command.asset);
        return 'reason' in answer ? { ok: false, ...answer } : { ok: true, explanation: answer };
      }
    }
  }

  #takeToken(): boolean {
    const now = this.#deps.now();
    const gained = Math.floor((now - this.#filledAt) / REFILL);
    this.#tokens = Math.min(BURST, this.#tokens + gained);
    this.#filledAt += gained * REFILL;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #remember(id: string): void {
    this.#answered.add(id);
    const [oldest] = this.#answered;
    if (this.#answered.size > REMEMBERED && oldest !== undefined) this.#answered.delete(oldest);
  }

  #refuse(reason: string, detail?: string): void {
    if (!this.#refused.has(reason))
      this.#deps.logger.warn('command refused, further ones are counted', { reason, detail });
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}
