import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CommitNote, ControlPort } from '../../../src/storage/outbox/index.ts';
import { OutboxCore } from '../../../src/storage/outbox/index.ts';
import { flipAt } from './damage.ts';
import { type Batch, entry, NO_LIMITS, NOW, optionsFor, temporaryFolder, unpack } from './outbox.ts';

/** control.db as the outbox sees it. */
export class MemoryControl implements ControlPort {
  last: CommitNote | undefined;

  note(note: CommitNote): void {
    this.last = note;
  }
}

/** An outbox whose files get damaged, and a consumer that knows what each record said. */
export class Survivor {
  readonly path = temporaryFolder();
  readonly control = new MemoryControl();
  readonly received = new Map<string, string>();
  readonly lost: { readonly boot: string; readonly first: number; readonly last: number }[] = [];
  readonly events: string[] = [];
  /** Newest seq of each boot that was reported as committed. */
  readonly told = new Map<string, number>();
  core: OutboxCore;
  #n = 0;

  constructor() {
    this.core = this.open();
  }

  open(): OutboxCore {
    const { control } = this;
    const options = optionsFor(this.path, { keepAcked: 3600e3 });
    this.core = OutboxCore.open(options, NOW, () => ({
      control: { last: control.last, note: (note) => control.note(note) },
    }));
    this.#tellSeq();
    return this.core;
  }

  /** Ends as kill -9 does: the log stays as it is. */
  kill(): void {
    const files = ['telemetry.db', 'telemetry.db-wal'].map((name) => join(this.path, name));
    for (const file of files) copyFileSync(file, `${file}.kept`);
    this.core.abandon();
    for (const file of files) renameSync(`${file}.kept`, file);
  }

  /** Appends some records, every eleventh urgent, some long. */
  append(count: number, size = 200): void {
    for (let index = 0; index < count; index += 1) {
      const n = this.#n + index;
      const x = 'x'.repeat(n % 29 === 0 ? size * 30 : size);
      const body = JSON.stringify({ type: 'prediction', t: NOW + n, pipeline: 'pump', n, x });
      this.core.append([entry(n, { urgent: n % 11 === 0, body })]);
    }
    this.#n += count;
    while (this.core.commit(NOW).more);
    this.#tellSeq();
  }

  /** Claims and confirms a batch or two of what waits. */
  takeSome(maxRecords = 40): void {
    for (const lane of ['backlog', 'urgent'] as const) {
      const claimed = this.core.claim(lane, { ...NO_LIMITS, maxRecords });
      if (claimed === undefined) continue;
      this.#saw(unpack(claimed));
      this.core.confirm(claimed.id);
    }
    this.core.commit(NOW);
    this.#tellSeq();
  }

  /** Does idle work and claims until nothing is left to do. */
  takeAll(): void {
    for (let more = true; more; ) {
      more = this.core.maintain(NOW);
      for (const lane of ['urgent', 'backlog'] as const) {
        for (let claimed = this.core.claim(lane, NO_LIMITS); claimed; claimed = this.core.claim(lane, NO_LIMITS)) {
          this.#saw(unpack(claimed));
          this.core.confirm(claimed.id);
          more = true;
        }
      }
      if (this.core.dirty) {
        this.core.commit(NOW);
        more = true;
      }
    }
    this.#tellSeq();
  }

  flip(file: string, share: number, mask: number): void {
    const path = join(this.path, file);
    flipAt(path, Math.min(Math.floor(share * readFileSync(path).length), readFileSync(path).length - 1), mask);
  }

  /**
   * Checks that every seq that was reported was received or is lost, that nothing waits, and that the ledger adds up.
   */
  check(what: string): void {
    const { ledger, pending } = this.core.stats(NOW);
    expect({ what, pending }).toEqual({ what, pending: 0 });
    for (const row of ledger) {
      const sum = row.acked + row.pending + row.dead + row.folded + row.dropped + row.unreadable;
      expect({ what, ...row, sum }).toEqual({ what, ...row, sum: row.committed });
      for (const count of Object.values(row)) if (typeof count === 'number') expect(count).toBeGreaterThanOrEqual(0);
    }
    const acked = ledger.reduce((sum, row) => sum + row.acked, 0);
    expect({ what, acked, came: Math.max(acked, this.received.size) }).toEqual({
      what,
      acked,
      came: this.received.size,
    });
    for (const [boot, last] of this.told) {
      const holes = Array.from({ length: last }, (_, index) => index + 1).filter(
        (seq) =>
          !this.received.has(`${boot}:${seq}`) &&
          !this.lost.some((loss) => loss.boot === boot && loss.first <= seq && seq <= loss.last),
      );
      expect({ what, boot, holes }).toEqual({ what, boot, holes: [] });
    }
  }

  get unreadable(): number {
    return this.core.stats(NOW).ledger.reduce((sum, row) => sum + row.unreadable, 0);
  }

  #saw(batch: Batch): void {
    for (const record of batch.records) {
      const name = `${batch.boot}:${record.seq}`;
      const text = JSON.stringify(record);
      expect(this.received.get(name) ?? text).toBe(text);
      this.received.set(name, text);
      if (record.type === 'loss') this.lost.push(record);
      if (record.type === 'event') this.events.push(record.event);
    }
  }

  #tellSeq(): void {
    const { boot, seq } = this.core.stats(NOW);
    this.told.set(boot, seq);
  }
}
