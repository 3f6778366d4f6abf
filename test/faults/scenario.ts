import type { Trial } from './trial.ts';

/** How much is done: a taste for the tests, a few minutes, or some 40 minutes. */
export type Form = 'tiny' | 'short' | 'long';

/** What became of the records of one trial. */
export interface Figures {
  /** Faults that were made. */
  readonly faults: number;
  readonly boots: number;
  readonly committed: number;
  readonly delivered: number;
  /** Records that came more than once, before de-duplication. */
  readonly copies: number;
  /** Numbers that were predicted more than once, after it. */
  readonly twice: number;
  readonly folded: number;
  readonly dropped: number;
  readonly dead: number;
  readonly unreadable: number;
  readonly pending: number;
}

export interface Scenario {
  readonly name: string;
  /** What is done, in a few words. */
  readonly title: string;
  /** How many trials make it up, by form. */
  readonly trials: Readonly<Record<Form, number>>;
  /** Why it cannot be done here; undefined where it can. */
  readonly missing?: () => string | undefined;
  /** Makes faults, and throws or reports what is not as promised. */
  readonly run: (trial: Trial) => Promise<Figures>;
}
