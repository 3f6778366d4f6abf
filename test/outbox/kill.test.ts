import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feeder } from './support/feeder.ts';
import {
  type Batch,
  drain,
  NO_LIMITS,
  numbers,
  openCore,
  pidBeside,
  temporaryFolder,
  unpack,
} from './support/outbox.ts';

/** Claims every waiting record of a boot without confirming any. */
function backlogOf(core: ReturnType<typeof openCore>, boot: string): Batch[] {
  const batches: Batch[] = [];
  for (let claimed = core.claim('backlog', NO_LIMITS); claimed; claimed = core.claim('backlog', NO_LIMITS)) {
    const batch = unpack(claimed);
    if (batch.boot === boot) batches.push(batch);
  }
  return batches;
}

describe('kill -9', () => {
  it('at any moment takes nothing that was reported as committed, and leaves no hole', async () => {
    const path = temporaryFolder();
    const moments = fc.sample(fc.integer({ min: 1, max: 120 }), 6);
    for (const moment of moments) {
      const reported = await new Feeder(path).killAfter(moment);
      const core = openCore({ path, keepAcked: 0 });
      const { previous, positions } = core.opened;
      expect(previous, `killed after ${moment} lines`).toMatchObject({ boot: reported.boot, endedInOrder: false });
      expect(previous?.lastSeq).toBeGreaterThanOrEqual(reported.seq);

      const batches = backlogOf(core, reported.boot);
      const seqs = batches.flatMap(({ records }) => records.map(({ seq }) => seq));
      const lastSeq = previous?.lastSeq ?? 0;
      const [firstSeq = lastSeq + 1] = seqs;
      expect(seqs).toEqual(Array.from({ length: lastSeq - firstSeq + 1 }, (_, index) => firstSeq + index));
      // What is missing at the front was confirmed by the process itself; before it are the events of the start.
      const events = drain(core, 'urgent').filter(({ boot }) => boot === reported.boot);
      expect(firstSeq - 1 - events.flatMap(({ records }) => records).length).toBeLessThanOrEqual(reported.confirming);
      // The source's position was written with the records that it covers.
      if (seqs.length > 0) expect(positions).toEqual({ rig: String(numbers(batches).at(-1)) });
      core.abandon();
    }
  }, 120_000);

  it('frees the lock, which until then names the process that has it', async () => {
    const path = temporaryFolder();
    const feeder = new Feeder(path);
    await feeder.next();
    const { pid } = feeder.process;
    expect(pidBeside(path)).toBe(pid);
    expect(() => openCore({ path })).toThrow(
      expect.objectContaining({ code: 'store.locked', message: expect.stringContaining(`process ${pid} `) }),
    );
    await feeder.kill();
    openCore({ path }).abandon();
  });
});
