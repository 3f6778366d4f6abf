import type { Store } from '../../../common/store/index.ts';
import { Claims } from './claims/claims.ts';
import { Receipts } from './claims/receipts.ts';
import { Resends } from './claims/resends.ts';
import { DegradationLevel } from './degradation-level.ts';
import { Folds } from './losses/folds.ts';
import { Losses } from './losses/losses.ts';
import { Retention } from './retention.ts';
import { Boots } from './rows/boots.ts';
import { Ledger } from './rows/ledger.ts';
import { Meta } from './rows/meta.ts';
import { Records } from './rows/records.ts';
import { Settled } from './rows/settled.ts';
import { ToldRecords } from './rows/told-records.ts';

/** Everything that the outbox knows, in memory beside the file. */
export interface OutboxState {
  readonly records: Records;
  readonly boots: Boots;
  readonly ledger: Ledger;
  readonly settled: Settled;
  readonly toldRecords: ToldRecords;
  readonly losses: Losses;
  readonly claims: Claims;
  readonly receipts: Receipts;
  readonly resends: Resends;
  readonly folds: Folds;
  readonly degradation: DegradationLevel;
  readonly retention: Retention;
}

/**
 * @param priorities how many different ones the pipelines have
 * @param retain ms that records are kept
 */
export function createState(store: Store, priorities = 1, retain = Number.POSITIVE_INFINITY): OutboxState {
  const boots = new Boots(store);
  const records = new Records(store, boots);
  const ledger = new Ledger(store);
  const settled = new Settled(store);
  const losses = new Losses(records, ledger);
  const folds = new Folds(records, ledger);
  const resends = new Resends(records, boots, settled);
  const claims = new Claims(records, boots, settled, losses, resends, folds);
  const meta = new Meta(store);
  const degradation = new DegradationLevel(meta, priorities);
  const retention = new Retention(meta, retain);
  const receipts = new Receipts(boots, records);
  const toldRecords = new ToldRecords(store, meta);
  return {
    toldRecords,
    records,
    boots,
    ledger,
    settled,
    losses,
    claims,
    receipts,
    resends,
    folds,
    degradation,
    retention,
  };
}

/** Puts memory back to what the file says. Which batch is claimed is not in the file, and stays. */
export function loadState({
  records,
  boots,
  ledger,
  settled,
  losses,
  claims,
  folds,
  degradation,
  retention,
}: OutboxState): void {
  records.load();
  boots.load();
  ledger.load();
  settled.load();
  losses.freezeAll();
  folds.freezeAll();
  degradation.load();
  retention.load();
  claims.rewind();
}

/** Seq of the newest committed record. */
export function newestSeq({ records, boots }: OutboxState): number {
  return records.newestId - boots.current.firstId + 1;
}
