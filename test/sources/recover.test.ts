import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import type { RejectReason } from '../../src/scoring/sources/index.ts';
import { BROKEN } from '../../src/scoring/sources/payload/broken.ts';
import { NOWHERE, PayloadDecoder } from '../../src/scoring/sources/payload/decoder.ts';
import { readDocuments } from '../../src/scoring/sources/payload/documents.ts';
import { recover } from '../../src/scoring/sources/payload/recover.ts';
import { textOf } from '../../src/scoring/sources/payload/text.ts';

const ARRIVAL = 1_714_521_600_000;

function decode(payload: string | Uint8Array, place = {}) {
  const readings: Reading[] = [];
  const reasons: RejectReason[] = [];
  const details: string[] = [];
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  new PayloadDecoder({ time: { unit: 'ms' } }).read(textOf(bytes), { ...NOWHERE, ...place }, ARRIVAL, {
    push: (reading) => void readings.push(reading),
    reject: (reason, detail) => {
      reasons.push(reason);
      details.push(detail);
    },
  });
  return { readings, reasons, details };
}

/** A reading of asset a at 5, with a value whose text is `token`, and a good one beside it. */
const withToken = (token: string) => `{"asset":"a","t":5,"values":{"x":${token},"ok":1}}`;

describe('a value that JSON refuses', () => {
  it.each([
    ...[
      'NaN',
      'nan',
      '-nan',
      'NAN',
      '+NaN',
      'nan(ind)',
      'nan(0x8000)',
      '-nan(snan)',
      'qNaN',
      'sNaN',
      '1.#QNAN',
      '-1.#IND',
    ],
    ...[
      '1.#QNAN0',
      '-1.#IND00',
      '1.#SNAN',
      '-1.#J',
      'inf',
      '-inf',
      '+Inf',
      'Infinity',
      '-Infinity',
      '+INF',
      '1.#INF',
      '-1.#INF00',
    ],
    ...['∞', '-∞', 'ovf', '-ovf'],
  ])('%s is no finite number, and its neighbour counts', (token) => {
    expect(decode(withToken(token))).toMatchObject({
      readings: [{ asset: 'a', t: 5, values: { x: null, ok: 1 } }],
      reasons: ['non-finite'],
      details: ['x'],
    });
  });

  it.each([
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['5.', 5],
    ['+5.e2', 500],
    ['007.25', 7.25],
    ['0x1F', 31],
    ['True', true],
    ['FALSE', false],
    ['None', null],
    ['undefined', null],
    ['NULL', null],
    ["'text'", 'text'],
    ["'it\\'s \"so\" \\x41'", 'it\'s "so" A'],
    ['"a\tb\nc\u0001"', 'a\tb\nc\u0001'],
    ['"\\u00e9\\/"', 'é/'],
  ])('%s means %j beyond doubt', (token, value) => {
    expect(decode(withToken(token))).toMatchObject({
      readings: [{ asset: 'a', t: 5, values: { x: value, ok: 1 } }],
      // A control character beside it must not stand for a refusal.
      reasons: [],
    });
  });

  it.each([
    '1,5',
    '-1,5',
    '1,234.5',
    '1,2,3',
    '1,5 bar',
    '@',
    '21 C',
    '21C',
    '1_000',
    '010',
    '12:30:00',
    '--1',
    '1e',
    '0x',
    'on',
    '',
    'nano',
    '%d',
    '1.2.3',
    '"\\q"',
  ])('%s is in doubt and costs itself alone', (token) => {
    const { readings, reasons } = decode(withToken(token));
    expect(readings).toEqual([{ asset: 'a', t: 5, values: { x: null, ok: 1 } }]);
    expect(new Set(reasons)).toEqual(new Set(['malformed-json']));
  });

  it('is told with its place and how it looks', () => {
    expect(decode(withToken('21 C')).details).toEqual(['values.x at character 34: "21 C"']);
    expect(decode(`[${withToken('1')},${withToken('@')}]`).details).toEqual([
      expect.stringMatching(/^1\.values\.x at/),
    ]);
  });

  it('makes a time or a name that nobody knows, never the time of arrival', () => {
    expect(decode('{"asset":"a","t":NaN,"values":{"x":1}}')).toMatchObject({ readings: [], reasons: ['bad-time'] });
    expect(decode('{"asset":"a","t":1,5,"values":{"x":1}}')).toMatchObject({ readings: [] });
    expect(decode('{"asset":@,"t":5,"values":{"x":1}}')).toMatchObject({ readings: [] });
    expect(decode('{"asset":"a","@":5,t@:6,"values":{"x":1}}')).toMatchObject({ readings: [] });
  });

  it('in a block is a sample that is none', () => {
    const { readings, reasons } = decode('{"asset":"a","t":0,"rate":1000,"values":{"v":[1,nan,@,.5,"2.5",-inf,7]}}');
    expect(readings[0]?.block?.samples).toEqual({
      v: Float64Array.of(1, Number.NaN, Number.NaN, 0.5, 2.5, Number.NaN, 7),
    });
    expect(reasons).toEqual(['malformed-json', 'non-finite']);
  });

  it.each(['nan', '@', '1,5', '{', '21 C', 'ON"'])(
    'alone on a topic that names asset and tag, %s is a bad sample of that tag',
    (payload) => {
      const { readings, reasons } = decode(payload, { asset: 'a', tag: 'x' });
      if (payload === '{') expect(readings).toEqual([]);
      else expect(readings).toEqual([{ asset: 'a', t: ARRIVAL, values: { x: null } }]);
      expect(reasons.length).toBeGreaterThan(0);
    },
  );
});

describe('a bare text on a topic that names asset and tag', () => {
  const place = { asset: 'a', tag: 'x' };

  it.each(['ON', 'online', 'auto mode', 'Zustand_2', 'läuft\n'])('is that text: %j', (payload) => {
    expect(decode(payload, place)).toEqual({
      readings: [{ asset: 'a', t: ARRIVAL, values: { x: payload.trim() } }],
      reasons: [],
      details: [],
    });
  });

  it('says nothing elsewhere', () => {
    expect(decode('ON', { asset: 'a' })).toMatchObject({ readings: [], reasons: ['malformed-json'] });
  });
});

describe('a message with something around it', () => {
  const reading = { asset: 'a', t: 5, values: { x: 1 } };
  const json = JSON.stringify(reading);

  it.each<[string, string | Uint8Array]>([
    ['a NUL at the end', `${json}\0`],
    ['several', `${json}\0\0\0\0`],
    ['a new line and NUL', `${json}\r\n\0 \0`],
    ['NUL before it', `\0\0${json}`],
    ['a mark of UTF-8', `\ufeff${json}`],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${json}`, 'utf16le')],
    ['UTF-16 without', Buffer.from(json, 'utf16le')],
    ['UTF-16, the other order', Buffer.from(`\ufeff${json}`, 'utf16le').swap16()],
    ['the same without a mark', Buffer.from(json, 'utf16le').swap16()],
    ['STX and ETX', `\x02${json}\x03`],
    ['a trailing comma', `${json},`],
    ['commas inside', '{"asset":"a","t":5,"values":{"x":1,},}'],
    ['an array with one', `[${json},]`],
    ['names without quotes', "{asset:'a', t: 5, values: {x: 1}}"],
    ['the text of a Python dictionary', "{'asset': 'a', 't': 5, 'values': {'x': 1}}"],
    ['blanks that are none in JSON', `\u00a0${json}\u2028`],
  ])('is read: %s', (_, payload) => {
    expect(decode(payload)).toEqual({ readings: [reading], reasons: [], details: [] });
  });

  it.each([
    ['left behind the NUL', `${json}\0"t":9,"values":{"x":2}}`],
    ['a whole reading behind the NUL', `${json}\0${json.replace('5', '6')}`],
    ['garbage', `${json}xyz`],
    ['a bracket too many', `${json}}`],
  ])('is read, and %s is told', (_, payload) => {
    expect(decode(payload)).toMatchObject({ readings: [reading], reasons: ['malformed-json'] });
  });

  it('bytes that are no UTF-8 cost the text that has them, and make no name of an asset', () => {
    const bytes = (text: string) => Buffer.from(text, 'latin1');
    expect(decode(bytes('{"asset":"a","t":5,"values":{"x":1,"unit":"\xb0C","\xe9":2}}'))).toMatchObject({
      readings: [{ asset: 'a', t: 5, values: { x: 1, unit: null } }],
      reasons: ['malformed-json', 'malformed-json'],
    });
    expect(
      decode(bytes('[{"asset":"p\xe4","t":5,"values":{"x":1}},{"asset":"b","t":5,"values":{"x":1}}]')),
    ).toMatchObject({
      readings: [{ asset: 'b' }],
      reasons: ['malformed-json', 'bad-asset'],
    });
  });

  it('a replacement character that was sent as such is text like any other', () => {
    expect(decode('{"asset":"\ufffd","t":5,"values":{"x":1}}').readings[0]?.asset).toBe('\ufffd');
  });
});

describe('several documents in one message', () => {
  const line = (t: number) => `{"asset":"a","t":${t},"values":{"x":${t}}}`;

  it.each([
    ['lines', `${line(1)}\n${line(2)}\n${line(3)}\n`],
    ['lines of Windows', `${line(1)}\r\n${line(2)}\r\n${line(3)}\r\n`],
    ['blank lines', `\n${line(1)}\n\n${line(2)}\n${line(3)}`],
    ['record separators', `\x1e${line(1)}\n\x1e${line(2)}\n\x1e${line(3)}\n`],
    ['nothing between them', line(1) + line(2) + line(3)],
    ['commas', `${line(1)},${line(2)},\n${line(3)}`],
    ['an array without commas', `[${line(1)}${line(2)} ${line(3)}]`],
    ['lines with arrays', `[${line(1)},${line(2)}]\n[${line(3)}]`],
  ])('are read each: %s', (_, payload) => {
    const { readings, reasons } = decode(payload);
    expect(readings.map(({ t }) => t)).toEqual([1, 2, 3]);
    expect(reasons).toEqual([]);
  });

  it.each([
    ['cut', line(2).slice(0, -12)],
    ['with an open quote', '{"asset":"a,"t":2,"values":{"x":2}}'],
    ['with a token', line(2).replace('"x":2', '"x":@')],
  ])('a line that is broken costs itself: %s', (_, broken) => {
    const { readings, reasons, details } = decode(`${line(1)}\n${broken}\n${line(3)}\n`);
    expect(readings.map(({ t }) => t).filter((t) => t !== 2)).toEqual([1, 3]);
    expect(readings.filter(({ values }) => values['x'] === 2)).toEqual([]);
    expect(reasons).toContain('malformed-json');
    expect(details[0]).toMatch(/^line 2, /);
  });

  it('bare numbers come one a line', () => {
    expect(decode('21\n22\n', { asset: 'a', tag: 'x' }).readings.map(({ values }) => values)).toEqual([
      { x: 21 },
      { x: 22 },
    ]);
  });
});

describe('a message that is cut short', () => {
  const whole = JSON.stringify([
    { asset: 'a', t: 1, values: { x: 12.5, y: 2 } },
    { asset: 'b', t: 2, values: { x: 34.5, y: 3 } },
  ]);

  it('gives what is whole, wherever it is cut, and never another value', () => {
    for (let length = 1; length < whole.length; length += 1) {
      const { readings, reasons } = decode(whole.slice(0, length));
      expect(reasons).toContain('malformed-json');
      for (const { asset, t, values } of readings) {
        expect([asset, t]).toEqual(asset === 'a' ? ['a', 1] : ['b', 2]);
        for (const [tag, value] of Object.entries(values)) {
          expect([null, asset === 'a' ? { x: 12.5, y: 2 }[tag] : { x: 34.5, y: 3 }[tag]]).toContain(value);
        }
      }
      if (length > 45) expect(readings[0]).toEqual({ asset: 'a', t: 1, values: { x: 12.5, y: 2 } });
    }
  });

  it('has no time of arrival where its own may have been cut off', () => {
    expect(decode('{"asset":"a","values":{"x":1,"y":2')).toMatchObject({ readings: [] });
    expect(decode('{"asset":"a","values":{"x":1,"y":2}},"t":5}')).toMatchObject({ readings: [] });
  });
});

describe('recovery', () => {
  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });

  it('reads JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const expected: unknown = JSON.parse(text);
        expect(recover(text, false)).toEqual({ documents: [{ content: expected, whole: true }], broken: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  it('loses no element that stands beside a broken one', () => {
    const good = fc.record({
      asset: fc.string({ minLength: 1, maxLength: 9 }),
      t: fc.nat(),
      values: fc.constant({ x: 1 }),
    });
    const bad = fc.constantFrom('@', 'oops', '1.2.3', '{"t":@}', '[nan oops]', '{"a":1,5}', '', '21 C');
    fc.assert(
      fc.property(fc.array(fc.oneof(good, bad), { minLength: 1, maxLength: 8 }), (items) => {
        const text = `[${items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(',')},@]`;
        const { documents } = recover(text, false);
        const read = documents[0]?.content as unknown[];
        for (const [index, item] of items.entries()) if (typeof item !== 'string') expect(read[index]).toEqual(item);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws, whatever is broken, and tells of what it leaves out', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      "'",
      '\\',
      '\0',
      '\n',
      'nan',
      '1',
      '1.5',
      '"a"',
      '"a":',
      'x',
      ' ',
      '\ud800',
      '\ufffd',
      '-',
      'true',
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
      fc.tuple(json, fc.nat(), fc.nat(), pieces).map(([value, from, length, piece]) => {
        const text = JSON.stringify(value);
        const at = from % (text.length + 1);
        return text.slice(0, at) + piece + text.slice(at + (length % 4));
      }),
    );
    fc.assert(
      fc.property(texts, fc.boolean(), (text, damaged) => {
        const { documents, broken } = readDocuments({ text, damaged });
        if (hasBroken(documents.map(({ content }) => content))) expect(broken.length).toBeGreaterThan(0);
        if (documents.some(({ whole }) => !whole) || documents.length === 0) expect(broken.length).toBeGreaterThan(0);
        expect(broken.length).toBeLessThan(600);
      }),
      { numRuns: 5_000 },
    );
  });

  it('tells 16 places of a message, and how many more there are', () => {
    const { broken } = readDocuments({ text: `[${'@,'.repeat(1_000)}1]`, damaged: false });
    expect(broken).toHaveLength(17);
    expect(broken.at(-1)).toBe('984 more places');
  });

  it.each([
    ['brackets', '['.repeat(400_000)],
    ['objects', '{"a":'.repeat(100_000)],
    ['tokens', '@,'.repeat(400_000)],
    ['names', `{${'a '.repeat(400_000)}`],
    ['quotes', '"'.repeat(400_000)],
    ['escapes', `"${'\\q'.repeat(400_000)}`],
    ['blanks', `${' '.repeat(400_000)}@${' '.repeat(400_000)}`],
    ['lines', '{\n'.repeat(200_000)],
    ['lines of objects', '{@}\n'.repeat(30_000)],
    ['digits', `[${'1'.repeat(800_000)}x]`],
    ['members', `{${'"a":1,5,'.repeat(100_000)}}`],
  ])('takes time as the text grows, and no more: %s', (_, text) => {
    // What takes time as the square of the text does not end in the time of a test.
    const { documents, broken } = readDocuments({ text, damaged: false });
    expect(documents.length + broken.length).toBeGreaterThan(0);
  });
});

function hasBroken(value: unknown): boolean {
  if (value === BROKEN) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBroken);
}
