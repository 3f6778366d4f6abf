import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { MAX_LINES } from '../../src/scoring/sources/file/cells/quotes.ts';
import { sourceSchema } from '../../src/scoring/sources/index.ts';
import { drain, folderOf, type KeepingSink, makeSource, KeepingSink as Sink } from './support.ts';

/** What Python's csv module writes and reads, by fixtures/tables.py. */
const python: { delimiter: string; text: string; rows: string[][] }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/tables.json'), 'utf8'),
);

const HEAD = 't,x,y\n';

async function read(content: string | Uint8Array, changes: object = {}): Promise<KeepingSink> {
  const folder = await folderOf({ 'a.csv': content });
  return drain({ type: 'file', path: `${folder}/a.csv`, time: { column: 't' }, speed: 'max', ...changes });
}

const values = ({ readings }: KeepingSink) => readings.map((reading) => reading.values);
const details = ({ rejected }: KeepingSink) => rejected.map(({ reason, detail }) => `${reason} ${detail}`);

async function failure(content: string | Uint8Array, changes: object = {}): Promise<EdgewrightError> {
  const folder = await folderOf({ 'a.csv': content });
  const source = makeSource({ type: 'file', path: `${folder}/a.csv`, time: { column: 't' }, ...changes });
  const error = await source.start(new Sink()).catch((caught: unknown) => caught);
  if (error instanceof EdgewrightError) return error;
  throw new Error(`no EdgewrightError: ${String(error)}`);
}

describe('numbers in another form than declared', () => {
  it.each([
    ['1.001', { separator: ';', decimal: ',' }],
    ['1,001', { separator: ';' }],
    ['1.234,56', { separator: ';' }],
    ['5 %', { separator: ';' }],
    ['12 °C', { separator: ';' }],
    ['1.234,56-', { separator: ';' }],
    ...['\u22125', '1_000', '0x1F', '--5', '\u0661\u0662', '\uFF11', "1'000"].map((cell): [string, object] => [
      cell,
      { separator: ';' },
    ]),
    ['1.00', { separator: ';', decimal: ',', thousands: '.' }],
  ])('%s is text and counted, with row and column', async (cell, changes) => {
    const sink = await read(`t;x;y\n5;1;1\n6;1;${cell}\n`, changes);
    expect(values(sink)[1]).toEqual({ x: 1, y: cell });
    expect(details(sink)).toEqual([
      expect.stringMatching(/^malformed-number a\.csv row 2: column y: ".*" is no number with decimal/),
    ]);
  });

  it.each(['0x10', '--5', '1_000', '-', 'n/a', 'NULL', '#N/A', '=5', "'5", '١٢', '５', 'TRUE'])(
    '%s among numbers is text and counted, unless it is declared as missing',
    async (cell) => {
      const content = `${HEAD}5,1,1\n6,1,${cell}\n`;
      const sink = await read(content);
      expect(values(sink)[1]).toEqual({ x: 1, y: cell });
      expect(sink.reasons).toEqual(['malformed-number']);
      const declared = await read(content, { missing: [cell] });
      expect(values(declared)[1]).toEqual({ x: 1, y: null });
      expect(declared.reasons).toEqual([]);
    },
  );

  it('takes groups of three where their mark is declared, in wide files, too', async () => {
    const form = { separator: ';', decimal: ',', thousands: '.' };
    expect(values(await read('t;x;y\n5;1.001;-12.345.678,5\n', form))).toEqual([{ x: 1001, y: -12345678.5 }]);
    const folder = await folderOf({ 'A.txt': '1.001;2\n' });
    const wide = await drain({
      ...form,
      type: 'file',
      path: folder,
      format: 'wide',
      tags: ['A'],
      time: { period: '2s' },
      speed: 'max',
    });
    expect(values(wide)).toEqual([{ A: 1001 }, { A: 2 }]);
    const undeclared = await drain({
      type: 'file',
      path: folder,
      format: 'wide',
      separator: ';',
      decimal: ',',
      tags: ['A'],
      time: { period: '2s' },
      speed: 'max',
    });
    expect(values(undeclared)).toEqual([{ A: '1.001' }, { A: 2 }]);
    expect(details(undeclared)).toEqual([
      expect.stringMatching(/^malformed-number .*\/A row 1: "1\.001" is no number/),
    ]);
  });

  it('lets text be text where a column has no numbers', async () => {
    const sink = await read(`${HEAD}5,auto,4711-A\n6,3-phase,off\n`);
    expect(values(sink)).toEqual([
      { x: 'auto', y: '4711-A' },
      { x: '3-phase', y: 'off' },
    ]);
    expect(sink.reasons).toEqual([]);
  });

  it('takes a time with the declared decimal mark', async () => {
    const changes = { separator: ';', decimal: ',', time: { column: 't', unit: 's' } };
    expect((await read('t;x\n1767225600,25;1\n', changes)).readings[0]?.t).toBe(1_767_225_600_250);
    const sink = await read('t;x\n1767225600.25;1\n', changes);
    expect(details(sink)).toEqual([
      expect.stringContaining('bad-time a.csv row 1: "1767225600.25" is no number with decimal ,'),
    ]);
  });

  it('takes a count of any period, which small times of microseconds and nanoseconds may be', async () => {
    const time = { column: 't', period: '0.000001ms', origin: '2000-01-01' };
    const { readings } = await read(`${HEAD}0,1,1\n1767225600,1,1\n`, { time });
    expect(readings.map(({ t }) => t - Date.UTC(2000, 0))).toEqual([0, expect.closeTo(1767.2256, 3)]);
  });

  it('refuses a time that is declared as missing, whatever its form', async () => {
    const sink = await read(`${HEAD}-9999,1,1\n-9999.0,1,1\nn/a,1,1\n`, { missing: [-9999, 'n/a'] });
    expect(sink.reasons).toEqual(['missing-time', 'missing-time', 'missing-time']);
  });

  it('refuses seconds that are read as milliseconds, with what to declare', async () => {
    const sink = await read(`${HEAD}1767225600,1,1\n`);
    expect(details(sink)).toEqual([
      'bad-time a.csv row 1: "1767225600" looks like seconds since 1970: declare time.unit: s',
    ]);
  });

  it.each([
    [{ decimal: ',', thousands: ',' }, 'thousands'],
    [{ time: { column: 't', period: '1s', zone: 'Europe/Berlin' } }, 'time'],
    [{ time: { column: ['t', 'u'], period: '1s' } }, 'time'],
    [{ encoding: 'utf-7' }, 'encoding'],
  ])('refuses %j in the configuration', (config, path) => {
    const { error } = sourceSchema.safeParse({ type: 'file', path: 'x', ...config });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

describe('date and time in two columns', () => {
  const time = { column: ['Date', 'Time'], format: 'dd.MM.yyyy HH:mm:ss', zone: 'Europe/Berlin' };

  it('are put together, and are no tags', async () => {
    const { readings } = await read('Date;x;Time\n01.07.2025;5;12:00:00\n', { separator: ';', time });
    expect(readings).toEqual([{ asset: 'a', t: Date.UTC(2025, 6, 1, 10), values: { x: 5 } }]);
  });

  it('are refused where one of them is empty, and no midnight is made of it', async () => {
    const sink = await read('Date;x;Time\n2025-07-01;5;\n', { separator: ';', time: { column: ['Date', 'Time'] } });
    expect(details(sink)).toEqual(['missing-time a.csv row 1: column Date or Time']);
  });

  it('name the one that is not there', async () => {
    expect((await failure('Date;x\n1;1\n', { separator: ';', time })).message).toContain('"Time"');
  });
});

describe('lines that hold no values', () => {
  it.each([
    ['before the header', `Logger 7\nExport of today\n${HEAD}5,1,2\n`, { skip: 2 }],
    ['of units under it', `${HEAD}ms,bar,°C\n\nint,float,float\n5,1,2\n`, { unitRows: 2 }],
    ['of comments', `# "a, b\n${HEAD}#,"\n5,1,2\n# the end`, { comment: '#' }],
    ['that tell a spreadsheet the separator', 'sep=;\r\nt;x;y\r\n5;1;2\r\n', {}],
    ['after them all', `sep=|\nExport\n\n// c\nt|x|y\n-|-|-\n5|1|2`, { skip: 1, unitRows: 1, comment: '//' }],
  ])('%s', async (_, content, changes) => {
    const sink = await read(content, changes);
    expect(sink.readings).toEqual([{ asset: 'a', t: 5, values: { x: 1, y: 2 } }]);
    expect(sink.reasons).toEqual([]);
  });

  it.each([
    ['in header and rows', 't;x;y;\n5;1;2;\n'],
    ['in the rows alone', 't;x;y\n5;1;2;\n'],
    ['in the header alone', 't;x;y;\n5;1;2\n'],
  ])('and a separator at the end: %s', async (_, content) => {
    const sink = await read(content, { separator: ';' });
    expect(values(sink)).toEqual([{ x: 1, y: 2 }]);
    expect(sink.reasons).toEqual([]);
  });

  it('and a column without a name, as the row numbers of a data frame', async () => {
    expect(values(await read(',t,x\n0,5,1\n1,6,2\n'))).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('of a file without any are counted; a header alone is none', async () => {
    expect(details(await read(''))).toEqual(['unreadable-file a.csv: is empty, without a header']);
    expect((await read(HEAD)).rejected).toEqual([]);
  });
});

describe('a declaration that does not fit', () => {
  it.each([
    ['t;x;y\n5;1;2\n', {}, "declare separator: ';'"],
    ['t\tx\n5\t1\n', {}, 'declare separator: tab'],
    ['t,x\n5,1\n', { separator: ';' }, "declare separator: ','"],
    [Buffer.from('t,Temp °C\n5,1\n', 'latin1'), { tags: ['Temp °C'] }, 'declare encoding'],
  ])('%j says so: %s', async (content, changes, hint) => {
    const error = await failure(content, changes);
    expect([error.code, error.hint]).toEqual(['sources.bad-layout', expect.stringContaining(hint)]);
  });
});

describe('quoted cells', () => {
  it('agree with Python, line breaks and all', async () => {
    for (const { delimiter, text, rows } of python) {
      const sink = await read(text, { separator: delimiter, time: { period: '1s' } });
      const cells = rows.map(([k, l, m]) => ({ k, l: l || null, m: m || null }));
      // A file that is written with \r\n between lines has them in its cells, too.
      expect(values(sink)).toEqual(JSON.parse(JSON.stringify(cells).replaceAll('\\r\\n', '\\n')));
      expect(sink.reasons).toEqual([]);
    }
  });

  it('count a row with line breaks as one, for positions as for messages', async () => {
    const content = `${HEAD}5,"a\nb\n\nc",1\n6,"d",nan\n7,"e\n",2\n8,f,3\n`;
    const all = await read(content);
    expect(values(all).map(({ x }) => x)).toEqual(['a\nb\n\nc', 'd', 'e', 'f']);
    expect(details(all)).toEqual(['non-finite a.csv row 2: column y']);
    const folder = await folderOf({ 'a.csv': content });
    const config = { type: 'file', path: `${folder}/a.csv`, time: { column: 't' }, speed: 'max' };
    for (const [taken, resumeFrom] of all.positions.entries()) {
      const rest = await drain(config, { resumeFrom: resumeFrom ?? '' });
      expect(rest.readings).toEqual(all.readings.slice(taken + 1));
    }
  });

  it.each([
    ['before rows without quotes', ''],
    ['before rows with quotes', '"'],
  ])('a stray quote costs its own row: %s', async (_, quote) => {
    const rows = Array.from({ length: 3 * MAX_LINES }, (_row, i) => `${i + 10},${quote}r${i}${quote},${i}`);
    const sink = await read(`${HEAD}5,"stray,1\n${rows.join('\n')}\n`);
    expect(sink.readings.map(({ t }) => t)).toEqual(rows.map((_row, i) => i + 10));
    expect(details(sink)).toEqual(['malformed-row a.csv row 1: quotes that do not fit']);
  });

  it('a stray quote in the last row, or in each, costs no other row', async () => {
    const last = await read(`${HEAD}5,1,2\n6,"1,2`);
    expect(last.readings).toHaveLength(1);
    expect(last.reasons).toEqual(['malformed-row']);
    const each = await read(`${HEAD}5,"1,2\n6,1,2\n7,"1,2\n8,1,2\n`);
    expect(each.readings.map(({ t }) => t)).toEqual([6, 8]);
    expect(each.reasons).toEqual(['malformed-row', 'malformed-row']);
  });

  it('never lose a row without quotes, whatever stands between', async () => {
    const piece = fc.constantFrom('"', '""', ',', 'a', '\n', '9,"', '",', '1,2,3');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const good = Array.from({ length: MAX_LINES + 1 }, (_, i) => `${i + 100},1,2`);
        const sink = await read(`${HEAD}${pieces.join('')}\n${good.join('\n')}\n`, { tags: ['x'] });
        expect(sink.readings.filter(({ t }) => t >= 100)).toHaveLength(good.length);
      }),
      { numRuns: 40 },
    );
  });

  it('leave a quote in the middle of a cell alone', async () => {
    expect(values(await read(`${HEAD}5,3" pipe,it's "so"\n`))).toEqual([{ x: '3" pipe', y: 'it\'s "so"' }]);
  });

  it('are no longer than a line may be', async () => {
    const sink = await read(`${HEAD}5,"${'a\n'.repeat(50)}",1\n6,1,2\n`, { maxLine: '64B' });
    expect(sink.readings.map(({ t }) => t)).toEqual([6]);
    expect(new Set(sink.reasons)).toEqual(new Set(['malformed-row']));
  });
});

describe('the encoding of a file', () => {
  const text = 't,Temp °C\n5,1.5\n6,2\n';
  const be = (content: string) => Buffer.from(content, 'utf16le').swap16();
  const marked = (content: string) => `\uFEFF${content}`;

  it.each([
    ['UTF-8 with its mark', Buffer.from(marked(text)), {}],
    ['UTF-16 with its mark', Buffer.from(marked(text), 'utf16le'), {}],
    ['UTF-16, big end first, with its mark', be(marked(text)), {}],
    ['UTF-16 as declared', Buffer.from(text, 'utf16le'), { encoding: 'utf-16le' }],
    ['UTF-16, big end first, as declared', be(text), { encoding: 'utf-16be' }],
    ['windows-1252', Buffer.from(text, 'latin1'), { encoding: 'windows-1252' }],
    ['latin1', Buffer.from(text, 'latin1'), { encoding: 'latin1' }],
    ['lines that end with a return', Buffer.from(text.replaceAll('\n', '\r')), {}],
    ['lines that end with both', Buffer.from(text.replaceAll('\n', '\r\n')), {}],
    ['gzip of several members', Buffer.concat([text.slice(0, 14), text.slice(14)].map((part) => gzipSync(part))), {}],
  ])('%s', async (_, content, changes) => {
    const sink = await read(content, changes);
    expect(values(sink)).toEqual([{ 'Temp °C': 1.5 }, { 'Temp °C': 2 }]);
    expect(sink.reasons).toEqual([]);
  });

  it.each([
    ['UTF-16 that nobody declared', Buffer.from(text, 'utf16le'), {}, 'Declare encoding: utf-16le.'],
    ['UTF-16, big end first, that nobody declared', be(text), {}, 'Declare encoding: utf-16be.'],
    ['another one than declared', be(marked(text)), { encoding: 'utf-16le' }, 'Declare the encoding'],
  ])('refuses %s', async (_, content, changes, hint) => {
    const error = await failure(content, changes);
    expect([error.code, error.path, error.hint]).toEqual([
      'sources.bad-layout',
      'encoding',
      expect.stringContaining(hint),
    ]);
  });

  it('refuses names of assets that are not in it, where nobody declared another', async () => {
    const content = Buffer.from('t,m,x\n5,Mühle,1\n6,Pumpe,1\n', 'latin1');
    const sink = await read(content, { asset: '{m}' });
    expect(sink.readings.map(({ asset }) => asset)).toEqual(['Pumpe']);
    expect(details(sink)).toEqual([expect.stringMatching(/^bad-asset a\.csv row 1: .* declare encoding$/)]);
    const declared = await read(content, { asset: '{m}', encoding: 'windows-1252' });
    expect(declared.readings.map(({ asset }) => asset)).toEqual(['Mühle', 'Pumpe']);
  });

  it('takes a return alone within a line as a part of it, where lines end with a feed', async () => {
    const sink = await read(`${HEAD}5,a\rb,1\n`);
    expect(values(sink)).toEqual([{ x: 'a\rb', y: 1 }]);
  });

  it('counts rows with NUL bytes, as a power cut leaves them', async () => {
    const sink = await read(`${HEAD}5,1,2\n6,\0\0,2\n${'\0'.repeat(9000)}`, { maxLine: '4KiB' });
    expect(sink.readings.map(({ t }) => t)).toEqual([5]);
    expect(sink.reasons).toEqual(['malformed-row', 'line-too-long']);
  });
});
