import { join } from 'node:path';
import Database from 'better-sqlite3';
import { alarmFaults } from './alarms.ts';
import type { Consumer } from './consumer.ts';
import { type Fed, FILE_FEED } from './fed.ts';
import { edgewright, type Gateway, type LedgerRow, type Status } from './gateway.ts';
import type { Figures } from './scenario.ts';
import { summaryFaults } from './summaries.ts';
import type { Trial } from './trial.ts';
import { windowFaults } from './windows.ts';

/** What a scenario may do to the books that is declared: everything else is a failure. */
export interface Allowed {
  /** The broker forgot what it had acknowledged: seqs may be missing, and are counted. */
  readonly forgetfulBroker?: boolean;
  /** The store lost how far the source had come: numbers may come twice under new names. */
  readonly replay?: boolean;
  /** Readings may be gone before the gateway has them, and come again when it did not acknowledge them. */
  readonly lossySource?: boolean;
  /** The files may be damaged. */
  readonly damaged?: boolean;
  /** What was fed, where it is not the file of numbers. */
  readonly fed?: Fed;
}

const SUM = ['acked', 'pending', 'dead', 'folded', 'dropped', 'unreadable'] as const;
const QUIET_MS = 150;
const DEADLINE = 60_000;
/** Faults of one kind that are told one by one. */
const TOLD = 4;

/**
 * Lets the gateway send what it has, stops it in order, and holds its ledger against the books of the consumer: every
 * seq of every boot is received, in the range of a loss record, or pending, and both sides count the same.
 */
export async function settle(
  trial: Trial,
  gateway: Gateway,
  consumer: Consumer,
  faults: number,
  allowed: Allowed = {},
): Promise<Figures> {
  await gateway.whenReady();
  const status = await untilSettled(gateway, consumer);
  checkLedger(trial, status);
  const figures = compare(trial, consumer, status, faults, allowed);
  const ended = await gateway.terminate();
  trial.expect(ended.status === 0, `the orderly stop ended with ${ended.status ?? ended.signal}: ${gateway.log}`);
  if (allowed.damaged) return figures;
  checkFiles(trial);
  await checkChain(trial);
  return figures;
}

/** Nothing waits, and nothing is on its way. */
async function untilSettled(gateway: Gateway, consumer: Consumer): Promise<Status> {
  const end = performance.now() + DEADLINE;
  let before = '';
  for (;;) {
    const status = await gateway.until('an empty queue', ({ outbox }) => outbox.pending === 0);
    const now = JSON.stringify([status.seq, consumer.books.delivered, consumer.books.boot(status.boot).received.size]);
    if (now === before && status.pipelines.every(({ waiting }) => waiting === 0)) return status;
    if (performance.now() > end) throw new Error(`it does not come to rest: ${now}\n${gateway.log}`);
    before = now;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

/** Committed is the sum of what became of it, at any moment. */
export function checkLedger(trial: Trial, { ledger, outbox }: Pick<Status, 'ledger' | 'outbox'>): void {
  for (const row of ledger) {
    const sum = SUM.reduce((total, state) => total + row[state], 0);
    trial.expect(row.committed === sum, `the ledger does not add up: ${JSON.stringify(row)}`);
  }
  const pending = total(ledger, 'pending');
  trial.expect(pending === outbox.pending, `${outbox.pending} pending, the ledger says ${pending}`);
}

function checkFiles(trial: Trial): void {
  for (const name of ['telemetry.db', 'control.db']) {
    const database = new Database(join(trial.data, name), { readonly: false });
    try {
      const result = database.pragma('integrity_check', { simple: true });
      trial.expect(result === 'ok', `${name}: ${result}`);
    } finally {
      database.close();
    }
  }
}

/** Every audit event is as it was written. */
async function checkChain(trial: Trial): Promise<void> {
  const { status, output } = await edgewright('audit', 'verify', trial.config, '--json');
  trial.expect(status === 0, `audit verify ended with ${status}: ${output}`);
}

function compare(trial: Trial, consumer: Consumer, status: Status, faults: number, allowed: Allowed): Figures {
  const { books } = consumer;
  const { ledger } = status;
  books.boot(status.boot).told = Math.max(books.boot(status.boot).told, status.seq);
  for (const fault of books.faults.slice(0, 5)) trial.failures.push(fault);
  let existed = 0;
  let missing = 0;
  for (const book of books.boots.values()) {
    const last = book.boot === status.boot ? status.seq : book.lastSeq;
    if (last === undefined) {
      trial.failures.push(`no start names boot ${book.boot}, of which ${book.highest} records are known`);
      continue;
    }
    trial.expect(book.highest <= last, `boot ${book.boot} had ${book.highest}, its successor knows of ${last}`);
    existed += last;
    const holes = book.missing();
    missing += holes.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    if (!allowed.forgetfulBroker) {
      trial.expect(holes.length === 0, `boot ${book.boot}, 1 to ${last}: missing ${holes.slice(0, 5).join(' ')}`);
    }
  }
  const committed = total(ledger, 'committed');
  trial.expect(existed === committed, `the boots had ${existed} records, the ledger says ${committed}`);
  auditMeaning(trial, consumer, missing, allowed);
  if (books.alarmsTwice > 0) trial.note('alarms told twice', books.alarmsTwice);
  if (missing > 0) trial.note('forgotten by the broker', missing);
  const acked = total(ledger, 'acked');
  if (!allowed.forgetfulBroker) {
    trial.expect(acked <= books.delivered, `${acked} acked, and ${books.delivered} came`);
  }
  if (!allowed.replay && !allowed.lossySource) {
    // What a broker sends again is known by its time, which says nothing behind a step back just before the kill.
    if (allowed.fed?.honest === false) trial.note('answered twice behind a step back', books.twice);
    else trial.expect(books.twice === 0, `${books.twice} numbers were predicted twice`);
    if (!allowed.fed) checkNumbers(trial, consumer, missing);
  }
  return {
    faults,
    boots: books.boots.size,
    committed,
    delivered: books.delivered,
    copies: books.copies,
    twice: books.twice,
    folded: total(ledger, 'folded'),
    dropped: total(ledger, 'dropped'),
    dead: total(ledger, 'dead'),
    unreadable: total(ledger, 'unreadable'),
    pending: total(ledger, 'pending'),
  };
}

/** What the records say together: alarms, summaries, windows over what was lost. */
function auditMeaning(trial: Trial, { books }: Consumer, missing: number, allowed: Allowed): void {
  // What is gone, or comes again under other names, leaves nothing to hold the others against.
  if (allowed.damaged || allowed.replay || missing > 0) return;
  const { alarms, every, tags, lost, honest } = allowed.fed ?? FILE_FEED;
  const { changes, predictions, summaries, losses, order: boots } = books;
  const lostAlarms = losses.some(({ counts }) => (counts.get('alarm') ?? 0) > 0);
  if (lostAlarms) trial.note('trials whose alarms gave way');
  else tell(trial, 'alarms', alarmFaults({ changes, predictions, alarms, boots, honest }));
  if (honest) tell(trial, 'summaries', summaryFaults({ summaries, predictions, losses, every }));
  tell(trial, 'windows', windowFaults({ predictions, tags, lost }));
}

function tell(trial: Trial, what: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  trial.note(`faults of ${what}`, faults.length);
  trial.failures.push(...faults.slice(0, TOLD));
  if (faults.length > TOLD) trial.failures.push(`and ${faults.length - TOLD} more of ${what}`);
}

/**
 * A file is read on from behind what was committed: numbers that were never predicted must be the predictions that gave
 * way, one by one.
 */
function checkNumbers(trial: Trial, { books }: Consumer, forgotten: number): void {
  let highest = -1;
  for (const n of books.predicted.keys()) if (typeof n === 'number') highest = Math.max(highest, n);
  const absent = highest + 1 - books.predicted.size;
  let lost = 0;
  for (const { losses } of books.boots.values()) {
    for (const { counts } of losses) lost += counts.get('prediction') ?? 0;
  }
  // What was dropped may have come before.
  const most = lost + forgotten;
  trial.expect(absent <= most, `${absent} numbers up to ${highest} have no prediction, ${most} gave way`);
}

export function total(ledger: readonly LedgerRow[], what: keyof LedgerRow): number {
  return ledger.reduce((sum, row) => sum + Number(row[what]), 0);
}
