import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { sourceSchema } from '../../src/scoring/sources/index.ts';
import { drain, folderOf, KeepingSink, makeSource } from './support.ts';

const ORIGIN = Date.UTC(2000, 0, 1);
const csv = (path: string, changes: object = {}) => ({ type: 'file', path, speed: 'max', ...changes });

async function failure(config: unknown): Promise<EdgewrightError> {
  const error = await makeSource(config)
    .start(new KeepingSink())
    .catch((caught: unknown) => caught);
  if (error instanceof EdgewrightError) return error;
  throw new Error(`no EdgewrightError: ${String(error)}`);
}

describe('csv files', () => {
  it('take columns by their header, with byte order mark, quotes and empty cells', async () => {
    const folder = await folderOf({ 'a.csv': '\uFEFF"t","flow, l/min",mode\n5,"1.5","a ""b"""\n6,,on\n' });
    const { readings } = await drain(csv(`${folder}/a.csv`, { time: { column: 't' } }));
    expect(readings).toEqual([
      { asset: 'a', t: 5, values: { 'flow, l/min': 1.5, mode: 'a "b"' } },
      { asset: 'a', t: 6, values: { 'flow, l/min': null, mode: 'on' } },
    ]);
  });

  it('take a separator and a decimal comma', async () => {
    const folder = await folderOf({ 'a.csv': 't;x\n2024-05-01 06:00:00,5;1,25\n' });
    const { readings } = await drain(csv(`${folder}/a.csv`, { separator: ';', decimal: ',', time: { column: 't' } }));
    expect(readings).toEqual([{ asset: 'a', t: Date.UTC(2024, 4, 1, 6) + 500, values: { x: 1.25 }, decimal: ',' }]);
  });

  it('take the C-MAPSS layout: blanks, no header, a count of cycles for time', async () => {
    const folder = await folderOf({ 'train.txt': '1 1 -0.0007 100.0  \n1 2 0.5 100.0  \n2 1 0.25 99.0  \n' });
    const { readings } = await drain(
      csv(`${folder}/train.txt`, {
        separator: 'whitespace',
        columns: ['unit', 'cycle', 's1', 's2'],
        asset: 'engine-{unit}',
        time: { column: 'cycle', period: '1h', origin: '2000-01-01' },
      }),
    );
    expect(readings).toEqual([
      { asset: 'engine-1', t: ORIGIN + 3600e3, values: { s1: -0.0007, s2: 100 } },
      { asset: 'engine-1', t: ORIGIN + 7200e3, values: { s1: 0.5, s2: 100 } },
      { asset: 'engine-2', t: ORIGIN + 3600e3, values: { s1: 0.25, s2: 99 } },
    ]);
  });

  it('rename the columns of a header, and give only the tags asked for', async () => {
    const folder = await folderOf({ 'a.csv': 'Zeit,Druck,Fluss\n5,1,2\n' });
    const changes = { header: true, columns: ['t', 'p', 'q'], time: { column: 't' }, tags: ['q'] };
    const { readings } = await drain(csv(`${folder}/a.csv`, changes));
    expect(readings).toEqual([{ asset: 'a', t: 5, values: { q: 2 } }]);
  });

  it('refuse values that are not finite, and keep the others', async () => {
    const folder = await folderOf({ 'a.csv': 't,x,y\n5,NaN,2\n' });
    const sink = await drain(csv(`${folder}/a.csv`, { time: { column: 't' } }));
    expect(sink.readings).toEqual([{ asset: 'a', t: 5, values: { x: null, y: 2 } }]);
    expect(sink.reasons).toEqual(['non-finite']);
  });

  it('refuse rows without asset or time', async () => {
    const folder = await folderOf({ 'a.csv': `u,t,x\n,5,1\nb,,1\n${'c'.repeat(257)},5,1\nb,5,1\n` });
    const sink = await drain(csv(`${folder}/a.csv`, { asset: '{u}', time: { column: 't' } }));
    expect(sink.reasons).toEqual(['missing-asset', 'missing-time', 'bad-asset']);
    expect(sink.readings).toHaveLength(1);
  });

  it('count rows for time on from file to file, or anew where the file is the asset', async () => {
    const folder = await folderOf({ 'a.csv': 'x\n1\n2\n', 'b.csv': 'x\n3\n' });
    const time = { period: '10s', origin: '2000-01-01' };
    const one = await drain(csv(folder, { asset: 'rig', time }));
    expect(one.readings.map(({ asset, t }) => [asset, t - ORIGIN])).toEqual([
      ['rig', 0],
      ['rig', 10e3],
      ['rig', 20e3],
    ]);
    const each = await drain(csv(folder, { asset: 'rig-{file}', time }));
    expect(each.readings.map(({ asset, t }) => [asset, t - ORIGIN])).toEqual([
      ['rig-a', 0],
      ['rig-a', 10e3],
      ['rig-b', 0],
    ]);
  });

  it('are told from gzip by their bytes, not their name', async () => {
    const folder = await folderOf({ 'packed.csv': gzipSync('t,x\n5,1\n') });
    expect((await drain(csv(`${folder}/packed.csv`, { time: { column: 't' } }))).readings).toHaveLength(1);
  });
});

describe('folders', () => {
  it('are read in name order, only files that match', async () => {
    const content = (x: number) => `t,x\n${x},${x}\n`;
    const folder = await folderOf({
      'day-2.csv': content(2),
      'day-1.csv.gz': content(1),
      'day-10.csv': content(10),
      'night-1.csv': content(0),
      'README.md': '# no data',
      'sub/day-3.csv': content(3),
    });
    const config = csv(folder, { match: 'day-*', asset: 'a', time: { column: 't' } });
    expect((await drain(config)).readings.map(({ t }) => t)).toEqual([1, 10, 2]);
  });

  it('go on with the next file where one is damaged or not what was declared', async () => {
    const long = gzipSync(Array.from({ length: 50_000 }, (_, i) => `${i},${Math.sin(i)}`).join('\n'));
    const folder = await folderOf({
      'a.csv': 't,x\n1,1\n',
      'b.csv': 'other,names\n1,1\n',
      'c.csv.gz': long.subarray(0, long.length / 2),
      'd.csv': 't,x\n2,1\n',
    });
    const sink = await drain(csv(folder, { asset: 'a', time: { column: 't' }, header: true }));
    expect(sink.reasons.filter((reason) => reason === 'unreadable-file').length).toBe(2);
    expect(sink.readings.at(-1)?.t).toBe(2);
  });
});

describe('wide folders', () => {
  const config = (path: string, changes: object = {}) =>
    csv(path, { format: 'wide', separator: 'tab', asset: 'rig', time: { period: '60s' }, ...changes });
  const row = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i).join('\t');

  it('merge tags of different rates in time order, one reading an instant', async () => {
    const folder = await folderOf({
      'TS1.txt': `\uFEFF${row(60)}\n${row(60, 60)}\n`,
      'FS1.txt.gz': `${row(600)}\n${row(600, 600)}\n\n`,
      'profile.txt': '1\t2',
    });
    const { readings, reasons } = await drain(config(folder, { tags: ['TS1', { tag: 'FS1', rate: 10 }] }));
    expect(reasons).toEqual([]);
    expect(readings).toHaveLength(1200);
    for (const [i, { t, values }] of readings.entries()) {
      expect(t).toBe(ORIGIN + i * 100);
      expect(values).toEqual(i % 10 === 0 ? { TS1: i / 10, FS1: i } : { FS1: i });
    }
  });

  it('refuse a row of the wrong length and keep the other tags of that cycle', async () => {
    const folder = await folderOf({ 'A.txt': `${row(2)}\n1\n${row(2)}`, 'B.txt': `${row(1)}\n${row(1)}\n${row(1)}` });
    const sink = await drain(config(folder, { tags: ['A', 'B'] }));
    expect(sink.reasons).toEqual(['malformed-row']);
    expect(sink.readings.map(({ values }) => Object.keys(values).join())).toEqual(['A,B', 'A', 'B', 'A,B', 'A']);
  });

  it('see a blank row in the middle as one, so that the files stay side by side', async () => {
    const folder = await folderOf({ 'A.txt': '1\t1\n\n3\t3\n\n', 'B.txt': '1\t1\n2\t2\n3\t3\n' });
    const sink = await drain(config(folder, { tags: ['A', 'B'] }));
    expect(sink.readings.map(({ values }) => values)).toEqual(
      [1, 1, 2, 2, 3, 3].map((v) => (v === 2 ? { B: v } : { A: v, B: v })),
    );
  });

  it('end with the shortest file, and say which it was', async () => {
    const folder = await folderOf({ 'A.txt': '1\n2\n3\n', 'B.txt': '1\n2\n' });
    const sink = await drain(config(folder, { tags: ['A', 'B'] }));
    expect(sink.readings).toHaveLength(2);
    expect(sink.rejected).toEqual([
      { reason: 'uneven-files', detail: expect.stringContaining('B ended after 2 rows') },
    ]);
  });

  it('name the tag whose file is missing', async () => {
    const folder = await folderOf({ 'A.txt': '1\n' });
    const error = await failure(config(folder, { tags: ['A', 'PS7'] }));
    expect(error.code).toBe('sources.tag-file-missing');
    expect(error.message).toContain('PS7');
  });

  it('refuse a rate that no row can have', async () => {
    const folder = await folderOf({ 'A.txt': '1\n' });
    const tags = [{ tag: 'A', rate: 0.025 }];
    expect((await failure(config(folder, { tags }))).code).toBe('sources.bad-layout');
  });
});

describe('a file source that cannot open', () => {
  it.each([
    ['a missing file', 'gone.csv', {}, 'sources.file-unreadable', 'path'],
    ['an empty folder', '.', { match: '*.none' }, 'sources.no-files', 'path'],
    ['a missing time column', 'a.csv', { time: { column: 'when' } }, 'sources.bad-layout', 'time.column'],
    ['a missing tag column', 'a.csv', { tags: ['z'] }, 'sources.bad-layout', 'tags'],
    ['a missing asset column', 'a.csv', { asset: 'p-{z}' }, 'sources.bad-layout', 'asset'],
    ['no time at all', 'a.csv', { time: {} }, 'sources.bad-layout', 'time'],
    ['columns that repeat', 'b.csv', {}, 'sources.bad-layout', 'columns'],
    ['a wide file', 'a.csv', { format: 'wide', tags: ['x'], time: { period: '1s' } }, 'sources.bad-layout', 'path'],
  ])('names %s', async (_, path, changes, code, at) => {
    const folder = await folderOf({ 'a.csv': 't,x\n1,1\n', 'b.csv': 't,x,x\n1,1,1\n' });
    const error = await failure(csv(`${folder}/${path}`, { time: { column: 't' }, ...changes }));
    expect([error.code, error.path, error.kind.exit]).toEqual([code, at, 2]);
  });

  it('says so before it is started, too', async () => {
    const folder = await folderOf({ 'a.csv': 't,x\n1,1\n' });
    const good = makeSource(csv(`${folder}/a.csv`, { time: { column: 't' } }));
    const bad = makeSource(csv(`${folder}/a.csv`, { time: { column: 'when' } }));
    await expect(good.probe?.()).resolves.toBeUndefined();
    await expect(bad.probe?.()).rejects.toMatchObject({ code: 'sources.bad-layout' });
  });

  it('takes a relative path from the folder of the configuration', async () => {
    const folder = await folderOf({ 'data/a.csv': 't,x\n1,1\n' });
    const sink = await drain(csv('data/a.csv', { time: { column: 't' } }), { folder });
    expect(sink.readings).toHaveLength(1);
  });
});

describe('the configuration of files', () => {
  const problems = (config: object) =>
    sourceSchema.safeParse({ type: 'file', path: 'x', ...config }).error?.issues.map(({ path }) => path.join('.'));

  it.each([
    [{ format: 'wide', time: { period: '60s' } }, ['tags']],
    [{ format: 'wide', tags: ['a'] }, ['time']],
    [{ format: 'wide', tags: ['a'], time: { period: '60s' }, asset: '{unit}' }, ['asset']],
    [{ format: 'csv' }, ['time']],
    [{ format: 'csv', time: { column: 't' }, tags: [{ tag: 'a', rate: 1 }] }, ['tags']],
    [{ time: { period: '0s' } }, ['time.period']],
    [{ separator: ';;' }, ['separator']],
    [{ speed: 0 }, ['speed']],
    [{ colums: [] }, ['']],
  ])('%j: a problem at %j', (config, paths) => {
    expect(problems(config)).toEqual(paths);
  });
});
