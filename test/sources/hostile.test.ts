import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import { REJECT_REASONS } from '../../src/scoring/sources/index.ts';
import { NOWHERE, PayloadDecoder } from '../../src/scoring/sources/payload/decoder.ts';
import { lineText } from '../../src/scoring/sources/payload/text.ts';
import { drain, folderOf, type KeepingSink } from './support.ts';

const DEPTH = 60_000;
const DEEP = `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`;
const DEEP_OBJECT = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`;
const MAX_TIME = 8.64e15;
/** Names that every object inherits, beside any others. */
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'asset', 't', 'values', ''),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, 8.64e15, -8.64e15, 8.64e15 + 2, 1e308, -1e308, 5e-324, 2 ** 53, 1e21),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(numbers, names, fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(names, tie('json'), { maxKeys: 5, noNullPrototype: false }),
  ),
}));
/** What is nearly a reading, so that the fuzz comes further than the first check. */
const item = fc.record(
  {
    asset: fc.oneof(names, json),
    t: fc.oneof(numbers, names, json),
    values: fc.oneof(json, fc.dictionary(names, fc.oneof(numbers, json, fc.array(numbers))).map(withProto)),
    tag: fc.oneof(names, json),
    value: json,
    rate: fc.oneof(numbers, json),
    attributes: json,
    block: json,
    again: json,
  },
  { requiredKeys: [] },
);
const texts = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.oneof(json, item, fc.array(item, { maxLength: 4 })).map((value) => JSON.stringify(value)),
  },
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('utf8')) },
  { weight: 1, arbitrary: fc.constantFrom(DEEP, DEEP_OBJECT, `{"asset":"a","t":${DEEP},"values":{"x":1}}`) },
);

function withProto(values: object): object {
  return JSON.parse(JSON.stringify(values).replace('"toString":', '"__proto__":'));
}

/** What every reading that comes out of a decoder is, whatever went in. */
function expectSound(readings: readonly Reading[]): void {
  for (const { asset, t, values, block } of readings) {
    expect(asset !== '' && encodeURIComponent(asset).length <= 256).toBe(true);
    expect(Number.isFinite(t) && Math.abs(t) <= MAX_TIME).toBe(true);
    for (const value of Object.values(values)) {
      expect(value === null || ['number', 'string', 'boolean'].includes(typeof value)).toBe(true);
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    }
    for (const samples of Object.values(block?.samples ?? {})) expect(samples).toBeInstanceOf(Float64Array);
  }
}

function expectKnownReasons({ reasons }: Pick<KeepingSink, 'reasons'>): void {
  expect(reasons.filter((reason) => !Object.hasOwn(REJECT_REASONS, reason))).toEqual([]);
}

describe('the JSON decoder', () => {
  const decoders = [
    new PayloadDecoder({ time: { unit: 'ms' } }),
    new PayloadDecoder({ time: { unit: 'ns' }, paths: { asset: 'asset', values: '.' } }),
    new PayloadDecoder({ time: { unit: 's' }, paths: { readings: 'values', value: 'value' } }),
  ];

  it.each([
    [undefined, undefined],
    ['__proto__', '__proto__'],
  ])('makes sound readings or refusals of anything (asset %s)', (asset, tag) => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...decoders), (text, decoder) => {
        const readings: Reading[] = [];
        const details: string[] = [];
        decoder.read(lineText(text), { ...NOWHERE, asset, tag }, 1e12, {
          push: (reading) => void readings.push(reading),
          reject: (reason, detail) => {
            expect(reason).not.toBe('failed');
            details.push(detail);
          },
        });
        expectSound(readings);
        expect(details.every((detail) => detail.length < 300)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['t', 'asset', 'values', 'value', 'tag', 'rate'])(
    'refuses %s of 60,000 levels, and the rest counts',
    (key) => {
      const good = '{"asset":"a","t":5,"values":{"x":1}}';
      for (const deep of [DEEP, DEEP_OBJECT]) {
        const base = { asset: 'a', t: 5, ...(key.startsWith('value') || key === 'tag' ? {} : { values: { x: [1] } }) };
        const bad = JSON.stringify({ ...base, [key]: 0 }).replace(`"${key}":0`, `"${key}":${deep}`);
        const readings: Reading[] = [];
        const reasons: string[] = [];
        decoders[0]?.read(lineText(`[${bad},${good}]`), NOWHERE, 1, {
          push: (reading) => void readings.push(reading),
          reject: (reason) => void reasons.push(reason),
        });
        expect(readings.at(-1)).toEqual({ asset: 'a', t: 5, values: { x: 1 } });
        expect(reasons.length).toBeGreaterThan(0);
      }
    },
  );

  it('refuses a block whose samples end at no time', () => {
    const reasons: string[] = [];
    const text = '{"asset":"a","t":8640000000000000,"rate":1e-300,"values":{"x":[1,2]}}';
    decoders[0]?.read(lineText(text), NOWHERE, 1, {
      push: () => expect.unreachable(),
      reject: (reason) => void reasons.push(reason),
    });
    expect(reasons).toEqual(['bad-time']);
  });

  it('keeps a tag named __proto__, alone and in a block', () => {
    const readings: Reading[] = [];
    for (const values of ['{"__proto__":1}', '{"__proto__":[1,2],"x":[3,4]}', '{"__proto__":7,"x":[3,4]}'])
      decoders[0]?.read(lineText(`{"asset":"constructor","t":5,"rate":1,"values":${values}}`), NOWHERE, 1, {
        push: (reading) => void readings.push(reading),
        reject: () => expect.unreachable(),
      });
    const [alone, block, beside] = readings;
    expect([Object.entries(alone?.values ?? {}), Object.entries(beside?.values ?? {})]).toEqual([
      [['__proto__', 1]],
      [['__proto__', 7]],
    ]);
    expect(Object.keys(block?.block?.samples ?? {})).toEqual(['__proto__', 'x']);
  });
});

describe('files of hostile content', () => {
  const formats = {
    'a.csv': { asset: '{asset}', time: { column: 't' }, header: false, columns: ['asset', 't', '__proto__', 'x'] },
    'a.jsonl': {},
    'a.f32': { format: 'f32', rate: 1, tags: ['__proto__'] },
    'a.wav': { format: 'wav', tags: ['__proto__'] },
  } as const;

  it.each(Object.entries(formats))(
    '%s of any bytes ends in order, and what is bad is counted',
    async (name, config) => {
      const bytes = fc.uint8Array({ minLength: 8, maxLength: 400 });
      const rows = fc.array(
        fc.oneof(
          texts,
          fc.array(names).map((cells) => cells.join(',')),
        ),
        { maxLength: 8 },
      );
      const contents = fc.oneof(
        bytes.map((data) => Buffer.from(data)),
        rows.map((lines) => Buffer.from(lines.join('\n'))),
      );
      await fc.assert(
        fc.asyncProperty(contents, async (content) => {
          // A first file that is no WAVE at all is refused at the start; what comes later must not end the source.
          const folder = await folderOf({ [name.replace('a', 'b')]: content, ...(await good(name)) });
          const sink = await drain({ type: 'file', path: folder, speed: 'max', ...config });
          expectSound(sink.readings);
          expectKnownReasons(sink);
          expect(sink.reasons).not.toContain('failed');
          expect(sink.readings.length).toBeGreaterThan(0);
        }),
        { numRuns: 40 },
      );
    },
  );

  async function good(name: string): Promise<Record<string, Uint8Array>> {
    const content = {
      'a.csv': Buffer.from('pump,5,1,2\n'),
      'a.jsonl': Buffer.from('{"asset":"pump","t":5,"values":{"x":1}}\n'),
      'a.f32': Buffer.from(Float32Array.of(1, 2).buffer),
      'a.wav': wave(),
    }[name];
    return { [name]: content ?? Buffer.alloc(0) };
  }

  /** One channel of two samples of 8 bits. */
  function wave(): Buffer {
    const header = Buffer.alloc(46);
    header.write('RIFF', 0);
    header.write('WAVEfmt ', 8);
    header.writeUInt32LE(16, 16);
    for (const [at, value] of [
      [20, 1],
      [22, 1],
      [32, 1],
      [34, 8],
    ] as const)
      header.writeUInt16LE(value, at);
    header.writeUInt32LE(1000, 24);
    header.write('data', 36);
    header.writeUInt32LE(2, 40);
    return header;
  }

  it('a line of 60,000 levels costs itself alone, and its place is told', async () => {
    const good = (t: number) => `{"asset":"a","t":${t},"values":{"x":1}}`;
    const lines = [
      good(1),
      `{"asset":"a","t":${DEEP},"values":{"x":1}}`,
      `{"asset":${DEEP},"t":2,"values":{"x":1}}`,
      good(3),
    ];
    const folder = await folderOf({ 'day.jsonl': lines.join('\n') });
    const sink = await drain({ type: 'file', path: `${folder}/day.jsonl`, speed: 'max', maxLine: '1MB' });
    expect(sink.readings.map(({ t }) => t)).toEqual([1, 3]);
    expect(sink.rejected).toEqual([
      { reason: 'bad-time', detail: 'day.jsonl row 2: an array is neither a number nor text' },
      { reason: 'bad-asset', detail: 'day.jsonl row 3: an array' },
    ]);
  });

  it('whatever is refused in a table names its row', async () => {
    const rows = ['t,asset,x', ',a,1', 'soon,a,1', '1,,1', '1,a', '1,a,inf', '5,a,1'];
    const folder = await folderOf({ 'day.csv': rows.join('\n') });
    const config = { asset: '{asset}', time: { column: 't' }, speed: 'max' };
    const sink = await drain({ type: 'file', path: `${folder}/day.csv`, ...config });
    expect(sink.rejected.map(({ reason, detail }) => [reason, detail.split(':')[0]])).toEqual([
      ['missing-time', 'day.csv row 1'],
      ['bad-time', 'day.csv row 2'],
      ['missing-asset', 'day.csv row 3'],
      ['malformed-row', 'day.csv row 4'],
      ['non-finite', 'day.csv row 5'],
    ]);
  });
});
