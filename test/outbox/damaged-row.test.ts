import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/common/store/index.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import { MIGRATIONS } from '../../src/storage/outbox/journal/rows/tables.ts';
import { flipText } from './support/damage.ts';
import {
  commitAll,
  drain,
  entries,
  entry,
  lossesIn,
  NOW,
  numbers,
  openCore,
  temporaryFolder,
} from './support/outbox.ts';

/** An outbox that was closed with these entries waiting, so that they are in the file itself. */
function filled(path: string, count: number, urgent = false): string {
  const core = openCore({ path });
  core.append(entries(0, count, { urgent }));
  commitAll(core);
  core.close(NOW);
  return core.opened.boot;
}

function change(path: string, sql: string): void {
  const store = openStore(join(path, 'telemetry.db'), { migrations: MIGRATIONS });
  store.transaction(() => store.prepare(sql).run());
  store.close();
}

function ledgerOf(core: OutboxCore, type: string) {
  return core.stats(NOW).ledger.find((row) => row.type === type);
}

describe('a damaged row', () => {
  it('is unreadable, and told as such; its neighbours are delivered', () => {
    const path = temporaryFolder();
    const boot = filled(path, 10);
    // The digit itself is changed, so that the body is still JSON and SQLite has no objection.
    flipText(path, '"n":4}', 4);
    const core = openCore({ path });
    expect(numbers(drain(core, 'backlog'))).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    core.commit(NOW);
    expect(ledgerOf(core, 'prediction')).toMatchObject({ committed: 10, acked: 9, pending: 0, unreadable: 1 });
    const urgent = drain(core, 'urgent');
    expect(urgent.flatMap(({ records }) => records)).toContainEqual(
      expect.objectContaining({
        event: 'store-corrupt',
        detail: { file: 'telemetry.db', reason: 'records do not fit their checksums', records: 1 },
      }),
    );
    const [loss, ...others] = lossesIn(urgent);
    expect(others).toEqual([]);
    expect(loss).toMatchObject({
      cause: 'unreadable',
      boot,
      // The start event is 1.
      first: 6,
      last: 6,
      from: NOW + 4,
      to: NOW + 4,
      counts: [{ pipeline: 'pump', type: 'prediction', dropped: 1 }],
    });
    core.close(NOW);
  });

  it('is not offered again, neither before it is written down nor after a restart', () => {
    const path = temporaryFolder();
    filled(path, 3);
    flipText(path, '"n":1}', 1);
    const core = openCore({ path });
    drain(core, 'backlog');
    expect(drain(core, 'backlog')).toEqual([]);
    expect(core.dirty).toBe(true);
    core.commit(NOW);
    core.abandon();
    const next = openCore({ path });
    expect(numbers(drain(next, 'backlog'))).toEqual([]);
    next.commit(NOW);
    expect(ledgerOf(next, 'prediction')).toMatchObject({ acked: 2, unreadable: 1 });
    next.close(NOW);
  });

  it('shares one loss record with others of its boot, as long as nobody has it', () => {
    const path = temporaryFolder();
    filled(path, 9);
    for (const n of [2, 5, 7]) flipText(path, `"n":${n}}`, 4);
    const core = openCore({ path });
    expect(numbers(drain(core, 'backlog'))).toEqual([0, 1, 3, 4, 6, 8]);
    core.commit(NOW);
    expect(lossesIn(drain(core, 'urgent'))).toMatchObject([{ first: 4, last: 9, counts: [{ dropped: 3 }] }]);
    core.close(NOW);
  });

  it('may be urgent', () => {
    const path = temporaryFolder();
    filled(path, 3, true);
    flipText(path, '"n":1}', 4);
    const core = openCore({ path });
    expect(numbers(drain(core, 'urgent'))).toEqual([0, 2]);
    core.commit(NOW);
    expect(ledgerOf(core, 'prediction')).toMatchObject({ acked: 2, pending: 0, unreadable: 1 });
    core.close(NOW);
  });

  it.each([
    ['another time', 'UPDATE record SET t = t + 1 WHERE id = 3'],
    ['another place', 'UPDATE record SET id = 9 WHERE id = 3'],
    ['another kind', 'UPDATE record SET kind = kind + 70 WHERE id = 3'],
    ['a clock that was not', 'UPDATE record SET flags = flags - 2 WHERE id = 3'],
    ['a body that is no text', "UPDATE record SET body = x'7b7d' WHERE id = 3"],
    ['no body', "UPDATE record SET body = '' WHERE id = 3"],
  ])('has %s', (_, sql) => {
    const path = temporaryFolder();
    filled(path, 3);
    change(path, sql);
    const core = openCore({ path });
    expect(numbers(drain(core, 'backlog'))).toEqual([0, 2]);
    core.commit(NOW);
    core.close(NOW);
  });

  it('is one that is listed as urgent and is not there', () => {
    const path = temporaryFolder();
    filled(path, 3, true);
    change(path, 'DELETE FROM record WHERE id = 3');
    const core = openCore({ path });
    expect(numbers(drain(core, 'urgent'))).toEqual([0, 2]);
    core.commit(NOW);
    expect(core.stats(NOW).ledger.reduce((sum, row) => sum + row.unreadable, 0)).toBe(1);
    core.close(NOW);
  });

  it('is none where the file is from before checksums', () => {
    const path = temporaryFolder();
    filled(path, 3);
    change(path, 'UPDATE record SET crc = NULL');
    const core = openCore({ path });
    expect(numbers(drain(core, 'backlog'))).toEqual([0, 1, 2]);
    core.close(NOW);
  });

  it('is none for text of any script, and none for a loss record that has grown', () => {
    const core = openCore({ max: 1 << 20 });
    const x = 'ü—漢字🏭\u0000\ud800';
    for (let n = 0; n < 400; n += 1) {
      core.append([entry(n, { body: JSON.stringify({ type: 'prediction', n, x, y: 'z'.repeat(4000) }) })]);
      core.commit(NOW + n);
    }
    drain(core, 'backlog');
    const losses = lossesIn(drain(core, 'urgent'));
    core.commit(NOW);
    expect(losses.map(({ cause }) => cause)).toEqual(['outbox-full']);
    expect(ledgerOf(core, 'prediction')).toMatchObject({ unreadable: 0, pending: 0 });
    core.close(NOW);
  });
});
