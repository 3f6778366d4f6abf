import type { Explanation, OutputBatch } from '../../../common/core/index.ts';
import type { Explainer, ScoredWindow } from '../explain/explainer.ts';
import type { Effect, InferEffect } from './effect.ts';

/** Processing time for which an alarm waits for its explanation, ms. */
const DEADLINE_MS = 1_000;
/** Effects that may be held; an alarm that comes beyond goes without an explanation. */
const MAX_WAITING = 1_024;
/** Tickets of one explanation: more than any has questions. */
const TICKETS = 1_024;

/** One explanation that is asked for. */
interface Job {
  readonly scored: ScoredWindow;
  readonly answers: Float64Array;
  readonly finish: (explanation: Explanation | undefined) => Effect;
  missing: number;
}

interface Held {
  readonly deadline: number;
  job: Job | undefined;
  effect: Effect | undefined;
}

/**
 * Holds the effects that wait for an explanation, and those that must not overtake them, in order. One explanation is
 * asked for at a time, so that no window waits for more than one. The tickets of explanations are negative, those of
 * windows are not.
 */
export class Explanations {
  readonly #explainer: Explainer;
  readonly #model: string;
  readonly #out: Effect[];
  readonly #held: Held[] = [];
  /** Number of the explanation that is being asked for: that of the first effect held. */
  #number = 0;
  #asked = false;

  /** @param model digest of the model that is asked */
  constructor(explainer: Explainer, model: string, out: Effect[]) {
    this.#explainer = explainer;
    this.#model = model;
    this.#out = out;
  }

  /** Number of effects that are held. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Emits an effect behind those that are held. */
  pass(effect: Effect): void {
    if (this.#held.length === 0) this.#out.push(effect);
    else this.#held.push({ deadline: Number.POSITIVE_INFINITY, job: undefined, effect });
  }

  /** Emits what `finish` makes of the explanation, or of undefined where there is none in time. Keeps the window. */
  explain(scored: ScoredWindow, now: number, finish: Job['finish']): void {
    const { questions } = this.#explainer;
    const answers = new Float64Array(questions).fill(Number.NaN);
    if (questions === 0) this.pass(finish(this.#explainer.conclude(scored, answers)));
    else if (this.#held.length >= MAX_WAITING) this.pass(finish(undefined));
    else {
      const job = { scored, answers, finish, missing: questions };
      this.#held.push({ deadline: now + DEADLINE_MS, job, effect: undefined });
      this.#advance();
    }
  }

  /** Takes an answer of the model, for a negative ticket. */
  complete(ticket: number, batch: OutputBatch, row: number): void {
    const found = this.#find(ticket);
    if (!found) return;
    found.job.answers[found.question] = this.#explainer.readAnswer(found.job.scored, found.question, batch, row);
    this.#settle(found.job);
  }

  /** Notes that a negative ticket gets no answer. */
  fail(ticket: number): void {
    const found = this.#find(ticket);
    if (found) this.#settle(found.job);
  }

  /** Emits what has waited too long, without its explanation. */
  expire(now: number): void {
    for (const held of this.#held) if (held.deadline <= now) abandon(held);
    this.#advance();
  }

  /** Emits everything that is held. */
  end(): void {
    this.expire(Number.POSITIVE_INFINITY);
  }

  #find(ticket: number): { readonly job: Job; readonly question: number } | undefined {
    const index = -ticket - 1;
    const job = this.#held[0]?.job;
    if (!job || !this.#asked || Math.floor(index / TICKETS) !== this.#number) return undefined;
    return { job, question: index % TICKETS };
  }

  #settle(job: Job): void {
    job.missing -= 1;
    if (job.missing > 0) return;
    const [held] = this.#held;
    if (held) {
      held.effect = job.finish(this.#explainer.conclude(job.scored, job.answers));
      held.job = undefined;
    }
    this.#advance();
  }

  /** Emits what nothing holds any more, and asks for the explanation that comes next. */
  #advance(): void {
    for (let head = this.#held[0]; head?.effect; head = this.#held[0]) {
      this.#out.push(head.effect);
      this.#held.shift();
      this.#asked = false;
    }
    const job = this.#held[0]?.job;
    if (!job || this.#asked) return;
    this.#asked = true;
    this.#number += 1;
    for (let question = 0; question < this.#explainer.questions; question += 1) {
      this.#out.push(this.#ask(job, question));
    }
  }

  #ask({ scored }: Job, question: number): InferEffect {
    // What a recurrent model remembered, behind the inputs, stays as it was.
    const vector = scored.vector.slice();
    this.#explainer.ask(scored, question, vector);
    return { kind: 'infer', model: this.#model, ticket: -(this.#number * TICKETS + question) - 1, vector };
  }
}

function abandon(held: Held): void {
  if (!held.job) return;
  held.effect = held.job.finish(undefined);
  held.job = undefined;
}
