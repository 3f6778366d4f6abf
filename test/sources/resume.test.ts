import { rename, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOf, isUpTo, parsePosition, positionOf, rowToken } from '../../src/scoring/sources/file/position.ts';
import { drain, folderOf, type KeepingSink } from './support.ts';

const rows = (from: number, count: number) =>
  `t,x\n${Array.from({ length: count }, (_, i) => `${from + i},${from + i}`).join('\n')}\n`;
const times = (sink: KeepingSink) => sink.readings.map(({ t }) => t);

async function recorded(files: Record<string, string>) {
  const folder = await folderOf(files);
  const config = { type: 'file', path: folder, asset: 'a', time: { column: 't' }, speed: 'max' };
  const { positions } = await drain(config);
  return { folder, config, asOf: (reading: number) => ({ resumeFrom: positions[reading - 1] ?? '' }) };
}

describe('positions', () => {
  it('come back as they were, whatever the name of the file', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.string(),
        fc.string({ minLength: 1 }),
        (index, row, base, text, file) => {
          const token = positionOf(index, rowToken({ row, base, file, check: checkOf(text) }));
          expect(parsePosition(token)).toEqual({ index, row, base, file, check: checkOf(text) });
        },
      ),
    );
  });
});

describe('the order of positions', () => {
  it('is that of reading: by file, row, and reading of a row', () => {
    const places = ['a', 'b'].flatMap((file) =>
      [9, 10].flatMap((row) => [0, 1].map((index) => ({ file, row, index }))),
    );
    const positions = places.map(({ index, ...place }) =>
      positionOf(index, rowToken({ ...place, base: 0, check: '0' })),
    );
    for (const [i, mark] of positions.entries()) {
      expect(positions.map((position) => isUpTo(position, mark))).toEqual(positions.map((_, j) => j <= i));
    }
  });

  it('is none with what is no position of a file', () => {
    expect(isUpTo('', positionOf(0, rowToken({ file: 'a', row: 1, base: 0, check: '0' })))).toBe(false);
  });
});

describe('a file source that goes on', () => {
  it('takes up the rows that were added since', async () => {
    const { folder, config, asOf } = await recorded({ 'a.csv': rows(0, 3) });
    await writeFile(`${folder}/a.csv`, rows(0, 5));
    expect(times(await drain(config, asOf(3)))).toEqual([3, 4]);
  });

  it('takes up the files that came since', async () => {
    const { folder, config, asOf } = await recorded({ 'a.csv': rows(0, 3) });
    await writeFile(`${folder}/b.csv`, rows(10, 2));
    const sink = await drain(config, asOf(3));
    expect(times(sink)).toEqual([10, 11]);
    expect(sink.reasons).toEqual([]);
  });

  it('reads a file with other rows from its beginning, and counts it', async () => {
    const { folder, config, asOf } = await recorded({ 'a.csv': rows(0, 3) });
    await writeFile(`${folder}/a.csv`, rows(100, 3));
    const sink = await drain(config, asOf(2));
    expect(times(sink)).toEqual([100, 101, 102]);
    expect(sink.reasons).toEqual(['position-lost']);
  });

  it('reads a file that became shorter from its beginning, and counts it', async () => {
    const { folder, config, asOf } = await recorded({ 'a.csv': rows(0, 5) });
    await writeFile(`${folder}/a.csv`, rows(50, 1));
    const sink = await drain(config, asOf(5));
    expect(times(sink)).toEqual([50]);
    expect(sink.reasons).toEqual(['position-lost']);
  });

  it('goes on with the files after one that is gone, and counts it', async () => {
    const { folder, config, asOf } = await recorded({ 'a.csv': rows(0, 2), 'b.csv': rows(2, 2), 'c.csv': rows(4, 2) });
    await rm(`${folder}/b.csv`);
    const sink = await drain(config, asOf(3));
    expect(times(sink)).toEqual([4, 5]);
    expect(sink.reasons).toEqual(['position-lost']);
  });

  it('begins a single file anew that has another name, whatever its place in name order', async () => {
    const { folder, config } = await recorded({ 'b.csv': rows(0, 2) });
    const single = { ...config, path: `${folder}/b.csv` };
    const resumeFrom = (await drain(single)).positions[1] ?? '';
    await rename(`${folder}/b.csv`, `${folder}/a.csv`);
    const sink = await drain({ ...single, path: `${folder}/a.csv` }, { resumeFrom });
    expect(times(sink)).toEqual([0, 1]);
    expect(sink.reasons).toEqual(['position-lost']);
  });

  it('begins anew from a position that it did not write', async () => {
    const { config } = await recorded({ 'a.csv': rows(0, 2) });
    const sink = await drain(config, { resumeFrom: 'page 7' });
    expect(times(sink)).toEqual([0, 1]);
    expect(sink.reasons).toEqual(['position-lost']);
  });

  it('counts rows for time on as if it had never stopped', async () => {
    const folder = await folderOf({ 'a.csv': 'x\n1\n2\n', 'b.csv': 'x\n3\n4\n' });
    const config = { type: 'file', path: folder, asset: 'a', time: { period: '1s' }, speed: 'max' };
    const all = await drain(config);
    for (const taken of [1, 2, 3]) {
      const rest = await drain(config, { resumeFrom: all.positions[taken - 1] ?? '' });
      expect(rest.readings).toEqual(all.readings.slice(taken));
    }
  });
});
