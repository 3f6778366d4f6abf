import { describe, expect, it } from 'vitest';
import type { EdgewrightError } from '../../src/common/core/index.ts';
import { io } from '../../src/common/store/index.ts';
import { openControl } from '../../src/storage/control/index.ts';
import { OutboxCore, type OutboxOptions } from '../../src/storage/outbox/index.ts';
import { commitAll, drain, entries, NOW, openFlaky, optionsFor, temporaryFolder } from './support/outbox.ts';

const MIB = 1 << 20;
const MINUTE = 60e3;

/** An outbox with its control.db beside it, as the gateway has it. */
function open(path: string, now: number, changes: Partial<OutboxOptions> = {}): OutboxCore {
  return OutboxCore.open(optionsFor(path, { lossBytes: 24 * MIB, ...changes }), now, () => {
    const control = openControl({ path });
    return { control, close: () => control.close() };
  });
}

/** Details of the events `start` that wait, oldest first. */
function starts(core: OutboxCore): Readonly<Record<string, unknown>>[] {
  return drain(core, 'urgent')
    .toReversed()
    .flatMap(({ records }) => records)
    .flatMap((record) => (record.type === 'event' && record.event === 'start' ? [record.detail] : []));
}

describe('the start after a crash', () => {
  it('says when the last commit was and how much memory could hold, and promises no time that nobody can know', () => {
    const path = temporaryFolder();
    const before = open(path, NOW);
    before.append(entries(0, 3));
    before.commit(NOW + MINUTE);
    before.append(entries(3, 700));
    before.abandon();
    const core = open(path, NOW + 10 * MINUTE, { lossBytes: MIB });
    const last = starts(core).at(-1);
    expect(last).toMatchObject({
      endedInOrder: false,
      previousLastSeq: 4,
      lastCommitAt: NOW + MINUTE,
      // That of the boot that crashed, not of this one.
      lossBytesMax: 24 * MIB,
    });
    expect(last).not.toHaveProperty('lossWindowMs');
    core.close(NOW);
  });

  it('says nothing of a loss after a stop in order', () => {
    const path = temporaryFolder();
    open(path, NOW).close(NOW);
    const core = open(path, NOW);
    const last = starts(core).at(-1);
    expect(last).toMatchObject({ endedInOrder: true });
    expect(last).not.toHaveProperty('lastCommitAt');
    expect(last).not.toHaveProperty('lossBytesMax');
    core.close(NOW);
  });

  it('names no time of the last commit where control.db missed it, and none of another boot', () => {
    const path = temporaryFolder();
    open(path, NOW).abandon();
    const [store, unnoted] = openFlaky(optionsFor(path), []);
    unnoted.append(entries(0, 5));
    commitAll(unnoted, NOW + MINUTE);
    unnoted.abandon();
    store.close();
    const core = open(path, NOW + 2 * MINUTE);
    expect(starts(core).at(-1)).toMatchObject({ endedInOrder: false, previousLastSeq: 6, lastCommitAt: null });
    core.close(NOW);
  });

  it('tells the last commit of several outages, not the time of what failed after it', () => {
    const path = temporaryFolder();
    const failures: EdgewrightError[] = [];
    const control = openControl({ path });
    const [store, before] = openFlaky(optionsFor(path), failures, NOW, { control, close: () => control.close() });
    for (const minute of [1, 3]) {
      failures.push(io('telemetry.db', 'made to fail'));
      before.append(entries(0, 3));
      expect(() => before.commit(NOW + minute * MINUTE)).toThrow('made to fail');
      before.commit(NOW + (minute + 1) * MINUTE);
    }
    before.append(entries(3, 6));
    failures.push(io('telemetry.db', 'made to fail'));
    expect(() => before.commit(NOW + 8 * MINUTE)).toThrow('made to fail');
    before.abandon();
    store.close();
    const core = open(path, NOW + 9 * MINUTE);
    expect(starts(core).at(-1)).toMatchObject({ lastCommitAt: NOW + 4 * MINUTE, previousLastSeq: 7 });
    core.close(NOW);
  });
});
