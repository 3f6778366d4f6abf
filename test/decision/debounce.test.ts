import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClearRule, Debouncer, type RaiseRule } from '../../src/scoring/decision/index.ts';

interface Rules {
  readonly raise: RaiseRule;
  readonly clear?: ClearRule | undefined;
}

/** What happens at each decision: `r` raised, `c` cleared, `.` nothing. */
function run(options: Rules, decisions: string, step = 1000): string {
  const debouncer = new Debouncer(options.raise, options.clear);
  return [...decisions]
    .map((decision, i) => debouncer.update(i * step, decision === '1'))
    .map((change) => (change === undefined ? '.' : change.charAt(0)))
    .join('');
}

describe('k of n', () => {
  it('raises once k of the last n call for it', () => {
    expect(run({ raise: { k: 3, n: 5 } }, '0101001100')).toBe('.......r..');
    expect(run({ raise: { k: 3, n: 5 } }, '1100100')).toBe('....r..');
  });

  it('does not count what has left the last n', () => {
    expect(run({ raise: { k: 3, n: 5 } }, '11000010')).toBe('........');
  });

  it('clears once k of n no longer call for it, counted from the raise', () => {
    expect(run({ raise: { k: 2, n: 5 }, clear: { k: 3, n: 5 } }, '000110000')).toBe('....r..c.');
    expect(run({ raise: { k: 1, n: 1 }, clear: { k: 2, n: 3 } }, '10110100')).toBe('r.....c.');
  });

  it('does not raise again on what was counted before it cleared', () => {
    expect(run({ raise: { k: 2, n: 5 }, clear: { k: 1, n: 1 } }, '1101011')).toBe('.rc..r.');
  });

  it('clears by default when all of the last n are quiet', () => {
    expect(run({ raise: { k: 2, n: 3 } }, '1100100011')).toBe('.r.....c.r');
  });
});

describe('a hold time', () => {
  it('waits until the calls for the alarm have lasted, without one that does not in between', () => {
    const options: Rules = { raise: { k: 1, n: 1, hold: 3000 } };
    expect(run(options, '1111')).toBe('...r');
    expect(run(options, '11101111')).toBe('.......r');
  });

  it('keeps the alarm until quiet has lasted, beside k of n', () => {
    const options: Rules = { raise: { k: 1, n: 1 }, clear: { k: 2, n: 3, hold: 4000 } };
    expect(run(options, '1000000')).toBe('r....c.');
    expect(run(options, '100100000')).toBe('r.......c');
  });

  it('counts anew after each change, in event time', () => {
    const options: Rules = { raise: { k: 1, n: 1, hold: 1000 }, clear: { k: 1, n: 1, hold: 1000 } };
    expect(run(options, '11001100')).toBe('.r.c.r.c');
    expect(run(options, '11001100', 500)).toBe('........');
  });

  it('begins anew where time steps back', () => {
    const debouncer = new Debouncer({ k: 1, n: 1, hold: 1000 });
    expect([5000, 2000, 2500, 3000].map((t) => debouncer.update(t, true))).toEqual([
      undefined,
      undefined,
      undefined,
      'raised',
    ]);
  });
});

describe('event time', () => {
  const options: Rules = { raise: { k: 2, n: 10, within: 5000 } };

  it('counts only decisions within the span', () => {
    expect(run(options, '1000001', 1000)).toBe('.......');
    expect(run(options, '100001', 1000)).toBe('......');
    expect(run(options, '10001', 1000)).toBe('....r');
  });

  it('does not count decisions from after a time that stepped back', () => {
    const debouncer = new Debouncer(options.raise, options.clear);
    expect(debouncer.update(10_000, true)).toBeUndefined();
    expect(debouncer.update(2000, true)).toBeUndefined();
    expect(debouncer.update(3000, true)).toBe('raised');
  });

  it('tells since when the alarm stands', () => {
    const debouncer = new Debouncer({ k: 1, n: 1 });
    expect(debouncer.since).toBeUndefined();
    debouncer.update(5000, true);
    expect(debouncer.since).toBe(5000);
    debouncer.update(6000, true);
    expect(debouncer.since).toBe(5000);
    debouncer.update(7000, false);
    expect(debouncer.raised).toBe(false);
    expect(debouncer.since).toBe(5000);
  });
});

/** The same rule over whole lists, without a ring. */
function reference({ raise, clear = { k: raise.n, n: raise.n } }: Rules, decisions: (readonly [number, boolean])[]) {
  let history: (readonly [number, boolean])[] = [];
  let standing = false;
  return decisions.map((decision) => {
    history.push(decision);
    const { k, n, within = Infinity }: RaiseRule = standing ? clear : raise;
    const [now] = decision;
    const counted = history.slice(-n).filter(([t, active]) => active !== standing && t <= now && now - t < within);
    if (counted.length < k) return undefined;
    standing = !standing;
    history = [];
    return standing ? 'raised' : 'cleared';
  });
}

it('agrees with the rule over whole lists', () => {
  const kn = fc
    .integer({ min: 1, max: 6 })
    .chain((n) => fc.record({ k: fc.integer({ min: 1, max: n }), n: fc.constant(n) }));
  const span = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
  const decisions = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(kn, span, fc.option(kn, { nil: undefined }), decisions, (at, within, clear, steps) => {
      const raise = { ...at, within };
      const debouncer = new Debouncer(raise, clear);
      const changes = steps.map(([t, active]) => debouncer.update(t, active));
      expect(changes).toEqual(reference({ raise, clear }, steps));
    }),
  );
});
