import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source, SourceSink } from '../../src/scoring/sources/index.ts';
import { MAX_HELD, readMerged } from '../../src/tools/replay/merge.ts';
import { folderOf, KeepingSink, makeSource } from '../sources/support.ts';

/** A source that gives readings as fast as it has credit. */
class Eager implements Source {
  readonly times: readonly number[];
  pushed = 0;

  constructor(from: number) {
    this.times = Array.from({ length: 5 * MAX_HELD }, (_, i) => from + i);
  }

  async start(sink: SourceSink): Promise<void> {
    void this.#play(sink);
  }

  async stop(): Promise<void> {}

  async #play(sink: SourceSink): Promise<void> {
    for (const t of this.times) {
      await sink.credit();
      this.pushed += 1;
      sink.push({ asset: 'a', t, values: { x: t } });
    }
    sink.end();
  }
}

/** Reads files of these contents side by side. */
async function merge(contents: readonly string[], sink = new KeepingSink()): Promise<KeepingSink> {
  const files = contents.map((content, i) => [`${i}.csv`, content] as const);
  const folder = await folderOf(Object.fromEntries(files));
  const sources = files.map(([name]) =>
    makeSource({ type: 'file', path: `${folder}/${name}`, time: { column: 't' }, speed: 'max' }),
  );
  await readMerged(sources, sink);
  return sink;
}

const rows = (times: readonly number[]) => `t,x\n${times.map((t, i) => `${t},${i}`).join('\n')}\n`;
const found = ({ readings }: KeepingSink) => readings.map(({ asset, t, values }) => [t, asset, values['x']]);

describe('several recordings of one source', () => {
  it('come in the order of their event times, ties as given, each in its own order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(40), { maxLength: 30 }), { minLength: 2, maxLength: 4 }),
        async (files) => {
          const sorted = files.map((times) => [...times].sort((a, b) => a - b));
          const expected = sorted
            .flatMap((times, file) => times.map((t, i) => [t, String(file), i] as const))
            .sort(([t, file, i], [u, other, j]) => t - u || Number(file) - Number(other) || i - j);
          expect(found(await merge(sorted.map(rows)))).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('may have their columns in any order, and other columns', async () => {
    const sink = await merge(['t,x,y\n1,10,0\n4,40,0\n', 'z,x,t\n7,20,2\n7,30,3\n']);
    expect(sink.readings.map(({ t, values }) => [t, values])).toEqual([
      [1, { x: 10, y: 0 }],
      [2, { z: 7, x: 20 }],
      [3, { z: 7, x: 30 }],
      [4, { x: 40, y: 0 }],
    ]);
  });

  it('are read no further than a few readings ahead of the others', async () => {
    const early = new Eager(0);
    const late = new Eager(1e6);
    const sink = new KeepingSink().allow(5);
    const merged = readMerged([late, early], sink);
    await expect.poll(() => sink.isWaitedFor).toBe(true);
    await expect.poll(() => late.pushed).toBe(MAX_HELD);
    expect(early.pushed - sink.readings.length).toBeLessThanOrEqual(MAX_HELD);
    sink.allow(Number.POSITIVE_INFINITY);
    await merged;
    expect(sink.readings.map(({ t }) => t)).toEqual([...early.times, ...late.times]);
    expect(sink.unheld).toBe(0);
  });

  it('tell what they refuse, and what a pipeline throws, and go on', async () => {
    const sink = new KeepingSink();
    sink.refuses = ({ t }) => t === 2;
    await merge(['t,x\n1,1\nsoon,1\n3,1\n', rows([2, 4])], sink);
    expect(sink.readings.map(({ t }) => t)).toEqual([1, 3, 4]);
    expect([...sink.reasons].sort()).toEqual(['bad-time', 'failed']);
    expect(sink.ends).toBe(1);
  });

  it('fail as one does that cannot be opened', async () => {
    await expect(merge([rows([1]), 'other,names\n1,1\n'])).rejects.toMatchObject({ code: 'sources.bad-layout' });
  });
});
