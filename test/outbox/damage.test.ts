import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flipAt } from './support/damage.ts';
import { NOW } from './support/outbox.ts';
import { Survivor } from './support/survivor.ts';

/** Three boots with records of each kind, some confirmed. The argument says how the last one ended. */
function lived(end: 'in order' | 'killed'): Survivor {
  const one = new Survivor();
  one.append(150);
  one.takeSome();
  one.kill();
  one.open();
  one.append(150);
  one.core.close(NOW);
  one.open();
  one.append(150);
  one.takeSome();
  one.append(60);
  if (end === 'killed') one.kill();
  else one.core.close(NOW);
  return one;
}

const place = fc.record({
  share: fc.integer({ min: 0, max: 999 }).map((n) => n / 1000),
  mask: fc.integer({ min: 1, max: 255 }),
});

describe('a flipped byte', () => {
  it('anywhere in the file costs what was there and nothing else', () => {
    fc.assert(
      fc.property(place, fc.constantFrom('in order', 'killed'), ({ share, mask }, end) => {
        const one = lived(end);
        one.flip('telemetry.db', share, mask);
        one.open();
        one.takeAll();
        one.check(`${end} ${share} ${mask}`);
        one.core.close(NOW);
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  it('anywhere in the log costs at most what came after it', () => {
    fc.assert(
      fc.property(place, ({ share, mask }) => {
        const one = lived('killed');
        one.flip('telemetry.db-wal', share, mask);
        one.open();
        one.takeAll();
        one.check(`${share} ${mask}`);
        one.core.close(NOW);
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});

describe('the first page', () => {
  it.each([
    ['the name of the format', 3],
    ['the size of a page', 16],
    ['the text of the schema', 4000],
  ])('is had from a fresh file where it is damaged: %s', (_, at) => {
    const one = lived('in order');
    flipAt(join(one.path, 'telemetry.db'), at, 0x55);
    one.open();
    one.takeAll();
    one.check('first page');
    expect([one.unreadable, one.events.includes('store-salvaged')]).toEqual([0, true]);
    one.core.close(NOW);
  });
});

describe('telemetry.db', () => {
  it('that is gone leaves the ledger and what nobody can send any more', () => {
    const one = lived('killed');
    const before = new Set(one.told.keys());
    for (const suffix of ['', '-wal']) rmSync(join(one.path, `telemetry.db${suffix}`));
    one.open();
    expect(before.has(one.core.opened.boot)).toBe(false);
    one.takeAll();
    one.check('gone');
    expect(one.events).toContain('store-corrupt');
    expect(one.unreadable).toBeGreaterThan(300);
    one.core.close(NOW);
  });

  it('is set aside where it is no database, and the gateway goes on', () => {
    const one = lived('in order');
    one.flip('telemetry.db', 0, 0xff);
    one.open();
    one.takeAll();
    one.check('no database');
    expect(one.events).toContain('store-corrupt');
    expect(statSync(join(one.path, 'telemetry.db.damaged')).size).toBeGreaterThan(100_000);
    one.core.close(NOW);
  });
});
