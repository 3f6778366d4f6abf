import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/common/store/index.ts';
import { MIGRATIONS } from '../../src/storage/outbox/journal/rows/tables.ts';
import { commitAll, drain, entries, NOW, numbers, openCore, temporaryFolder } from './support/outbox.ts';

/** telemetry.db as version 1 left it: a boot of ten records, of which the first four are confirmed, and an alarm. */
function firstVersion(path: string): void {
  const store = openStore(join(path, 'telemetry.db'), { migrations: MIGRATIONS.slice(0, 1) });
  const record = store.prepare<[number, number, number, number, string]>('INSERT INTO record VALUES (?, ?, ?, ?, ?)');
  store.transaction(() => {
    for (let id = 1; id <= 10; id += 1) {
      record.run(id, 1, NOW + id, 2, JSON.stringify({ type: 'prediction', t: NOW + id, pipeline: 'pump', n: id }));
    }
    record.run(11, 2, NOW, 3, JSON.stringify({ type: 'alarm', t: NOW, pipeline: 'pump', n: 11 }));
    for (const sql of [
      'INSERT INTO urgent VALUES (11)',
      `INSERT INTO settled VALUES (1, 4, ${NOW})`,
      `INSERT INTO boot VALUES (1, '${'b0'.repeat(16)}', 0)`,
      "INSERT INTO ledger VALUES (1, 'pump', 'prediction', 10, 4, 6, 0, 0, 0, 0)",
      "INSERT INTO ledger VALUES (2, 'pump', 'alarm', 1, 0, 1, 0, 0, 0, 0)",
      "INSERT INTO mark VALUES ('rig', '10')",
    ]) {
      store.prepare(sql).run();
    }
  });
  store.close();
}

describe('telemetry.db of another version', () => {
  it('is brought up from version 1: what waits goes out under its old name, without a checksum to hold it against', () => {
    const path = temporaryFolder();
    firstVersion(path);
    const core = openCore({ path });
    expect(core.opened).toMatchObject({
      previous: { boot: 'b0'.repeat(16), lastSeq: 11, endedInOrder: false },
      positions: { rig: '10' },
    });
    const [old] = drain(core, 'backlog');
    expect(old).toMatchObject({ boot: 'b0'.repeat(16), first: 5, last: 10 });
    expect(numbers(drain(core, 'urgent'))).toEqual([11]);
    core.append(entries(0, 3));
    commitAll(core);
    expect(numbers(drain(core, 'backlog'))).toEqual([0, 1, 2]);
    core.close(NOW);
    const again = openCore({ path });
    expect(again.stats(NOW).ledger).toMatchObject([
      { type: 'prediction', committed: 13, acked: 13, unreadable: 0 },
      { type: 'alarm', committed: 1, acked: 1 },
      { type: 'event' },
    ]);
    again.close(NOW);
  });

  it('is refused and left as it is, byte for byte, where a newer program wrote it', () => {
    const path = temporaryFolder();
    const file = join(path, 'telemetry.db');
    openStore(file, { migrations: [...MIGRATIONS, 'CREATE TABLE later (id INTEGER)'] }).close();
    const before = readFileSync(file);
    expect(() => openCore({ path })).toThrow(
      expect.objectContaining({ code: 'store.newer-schema', hint: expect.stringContaining('outbox export') }),
    );
    expect(readFileSync(file)).toEqual(before);
  });
});
