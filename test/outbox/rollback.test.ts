import { describe, expect, it } from 'vitest';
import type { EdgewrightError } from '../../src/common/core/index.ts';
import { full, io } from '../../src/common/store/index.ts';
import {
  commitAll,
  drain,
  entries,
  entry,
  lossesIn,
  NO_LIMITS,
  NOW,
  numbers,
  openFlaky,
  optionsFor,
  temporaryFolder,
  unpack,
} from './support/outbox.ts';

const FILLER = 'x'.repeat(2000);
const large = (n: number) => entry(n, { body: `{"type":"prediction","t":${NOW + n},"n":${n},"x":"${FILLER}"}` });

describe('a transaction that fails', () => {
  it('loses nothing: the same call later commits the same entries, with the seq they would have had', () => {
    const failures: EdgewrightError[] = [];
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    core.append(entries(0, 5), { source: 'rig', position: '5' });
    failures.push(io('telemetry.db', 'made to fail'));
    expect(() => core.commit(NOW)).toThrow(expect.objectContaining({ code: 'store.io' }));
    expect(core.stats(NOW)).toMatchObject({ seq: 1, pending: 1 });
    expect(core.commit(NOW)).toMatchObject({ records: 5, seq: 6, more: false });
    expect(drain(core, 'backlog')).toMatchObject([{ first: 2, last: 6 }]);
    core.close(NOW);
  });

  it('keeps the confirmations for the next one', () => {
    const failures: EdgewrightError[] = [];
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    core.append(entries(0, 5));
    commitAll(core);
    drain(core, 'backlog');
    failures.push(io('telemetry.db', 'made to fail'));
    expect(() => core.commit(NOW)).toThrow();
    expect(drain(core, 'backlog')).toEqual([]);
    core.commit(NOW);
    expect(core.stats(NOW).pending).toBe(1);
    core.close(NOW);
  });

  it('offers the rows again that it would have dropped', () => {
    const failures: EdgewrightError[] = [];
    const [, core] = openFlaky(optionsFor(temporaryFolder(), { max: 1 << 20 }), failures);
    core.append(entries(0, 100));
    core.commit(NOW);
    const dropped = () => core.stats(NOW).ledger.some((row) => row.dropped > 0);
    for (let n = 100; !dropped(); n += 100) {
      core.append(entries(n, n + 100));
      failures.push(io('telemetry.db', 'made to fail'));
      expect(() => core.commit(NOW)).toThrow();
      const oldest = core.claim('backlog', { ...NO_LIMITS, maxRecords: 1 });
      expect(oldest && numbers([unpack(oldest)])).toEqual([0]);
      core.release(oldest?.id ?? 0);
      core.commit(NOW);
    }
    core.close(NOW);
  });
});

describe('a full disk', () => {
  it('makes the oldest backlog give way, tells it, and takes the new records', () => {
    const failures: EdgewrightError[] = [];
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    for (let n = 0; n < 400; n += 1) core.append([large(n)]);
    commitAll(core);
    core.append([large(400)]);
    failures.push(full('telemetry.db', 'made to be full'));
    expect(core.commit(NOW)).toMatchObject({ entries: 1, records: 2, urgent: 1, more: false });
    const [loss] = lossesIn(drain(core, 'urgent'));
    const left = numbers(drain(core, 'backlog'));
    expect(loss).toMatchObject({ cause: 'outbox-full', first: 2, from: NOW });
    expect(loss?.counts[0]?.dropped).toBe(401 - left.length);
    expect(left.at(-1)).toBe(400);
    core.close(NOW);
  });

  it('spares what little an almost empty outbox holds, and waits instead', () => {
    const failures: EdgewrightError[] = [];
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    core.append(entries(0, 20));
    commitAll(core);
    core.append([entry(20)]);
    for (let tries = 0; tries < 8; tries += 1) failures.push(full('telemetry.db', 'made to be full'));
    expect(() => core.commit(NOW)).toThrow(expect.objectContaining({ code: 'store.full' }));
    failures.length = 0;
    core.commit(NOW);
    expect(numbers(drain(core, 'backlog'))).toHaveLength(21);
    core.close(NOW);
  });
});
