import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { EdgewrightError, sampleTime } from '../../src/common/core/index.ts';
import { sourceSchema } from '../../src/scoring/sources/index.ts';
import { drain, folderOf, KeepingSink, makeSource } from './support.ts';

const ORIGIN = Date.UTC(2000, 0, 1);
const ramp = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);
const f32 = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);

const raw = (path: string, changes: object = {}) => ({
  type: 'file',
  path,
  format: 'f32',
  rate: 12_000,
  tags: ['vibration'],
  speed: 'max',
  ...changes,
});

/** Every sample of a tag with its time, as the pipelines will see it. */
function samplesOf({ readings }: KeepingSink, tag: string): [t: number, value: number][] {
  return readings.flatMap(({ block }) =>
    block === undefined
      ? []
      : Array.from(block.samples[tag] ?? [], (value, i): [number, number] => [sampleTime(block, i), value]),
  );
}

const valuesOf = (sink: KeepingSink, tag: string) => samplesOf(sink, tag).map(([, value]) => value);

async function failure(config: unknown): Promise<EdgewrightError> {
  const error = await makeSource(config)
    .start(new KeepingSink())
    .catch((caught: unknown) => caught);
  if (error instanceof EdgewrightError) return error;
  throw new Error(`no EdgewrightError: ${String(error)}`);
}

/** A WAVE file as another program writes it. */
function wave(channels: number, rate: number, bits: string, samples: number[][]): Buffer {
  const file = new wavefile.WaveFile();
  file.fromScratch(channels, rate, bits, channels === 1 ? (samples[0] ?? []) : samples);
  return Buffer.from(file.toBuffer());
}

describe('raw signals', () => {
  it('are blocks whose samples have their times from the rate, to the last bit', async () => {
    const folder = await folderOf({ 'IR_7.f32': f32(ramp(30_000)) });
    const sink = await drain(raw(`${folder}/IR_7.f32`));
    expect(sink.readings).toHaveLength(30);
    expect(sink.readings.every(({ asset, values }) => asset === 'IR_7' && Object.keys(values).length === 0)).toBe(true);
    expect(samplesOf(sink, 'vibration')).toEqual(ramp(30_000).map((i) => [ORIGIN + (i * 1000) / 12_000, i]));
    for (const { t, block } of sink.readings) expect(block && sampleTime(block, block.length - 1)).toBe(t);
  });

  it('have several channels, interleaved, and gzip', async () => {
    const folder = await folderOf({ 'two.f32.gz': gzipSync(f32(ramp(5000))) });
    const sink = await drain(raw(folder, { tags: ['x', 'y'], rate: 100 }));
    expect(valuesOf(sink, 'x')).toEqual(ramp(2500).map((i) => 2 * i));
    expect(valuesOf(sink, 'y')).toEqual(ramp(2500).map((i) => 2 * i + 1));
    expect(sink.readings[0]?.asset).toBe('two');
  });

  it('begin anew with each file that is an asset, and go on from file to file of one', async () => {
    const folder = await folderOf({ 'a.f32': f32(ramp(1500)), 'b.f32': f32(ramp(10, 1500)), 'notes.txt': 'none' });
    const one = samplesOf(await drain(raw(folder, { asset: 'rig', rate: 1000 })), 'vibration');
    expect(one).toEqual(ramp(1510).map((i) => [ORIGIN + i, i]));
    const each = await drain(raw(folder, { rate: 1000 }));
    expect(each.readings.map(({ asset, block }) => [asset, block?.first, block?.length])).toEqual([
      ['a', 0, 1024],
      ['a', 1024, 476],
      ['b', 0, 10],
    ]);
  });

  it('have the rate of the first pattern that their name fits', async () => {
    const folder = await folderOf({ 'a_fast.f32': f32([1, 2]), 'b.f32': f32([1, 2]) });
    const rates = { '*_fast*': 48_000, '*': 100 };
    const { readings } = await drain(raw(folder, { rates }));
    expect(readings.map(({ block }) => block?.rate)).toEqual([48_000, 100]);
    const { message, path } = await failure(raw(folder, { rate: undefined, rates: { 'c*': 5 } }));
    expect([message, path]).toEqual(['a_fast.f32: a raw file does not say its rate', 'rate']);
  });

  it('carry the constants of the configuration', async () => {
    const folder = await folderOf({ 'a.f32': f32([1, 2]) });
    const { readings } = await drain(raw(folder, { constants: { speed: 1797 } }));
    expect(readings[0]?.values).toEqual({ speed: 1797 });
  });

  it('count what is not finite once a block, and a sample that is cut off', async () => {
    const values = [...ramp(100), Number.NaN, Number.POSITIVE_INFINITY, ...ramp(1000)];
    const folder = await folderOf({ 'a.f32': Buffer.concat([f32(values), Buffer.from([1, 2, 3])]) });
    const sink = await drain(raw(folder));
    expect(valuesOf(sink, 'vibration')).toEqual(values);
    expect(sink.rejected).toEqual([
      { reason: 'non-finite', detail: 'a.f32 samples 1 to 1024: 2 of vibration' },
      { reason: 'truncated-signal', detail: 'a.f32: 3 bytes behind sample 1102 make none' },
    ]);
  });

  it('that end in the middle of a frame lose that frame alone', async () => {
    const folder = await folderOf({ 'a.f32': f32(ramp(7)) });
    const sink = await drain(raw(folder, { tags: ['x', 'y'] }));
    expect(valuesOf(sink, 'y')).toEqual([1, 3, 5]);
    expect(sink.reasons).toEqual(['truncated-signal']);
  });

  it('may be empty', async () => {
    const folder = await folderOf({ 'a.f32': Buffer.alloc(0) });
    const sink = await drain(raw(folder));
    expect([sink.readings, sink.reasons]).toEqual([[], []]);
  });

  it('go on behind any block of any file, as if they had never stopped', async () => {
    const folder = await folderOf({ 'a.f32.gz': gzipSync(f32(ramp(2500))), 'b.f32': f32(ramp(1200)) });
    for (const changes of [{}, { asset: 'rig' }]) {
      const all = await drain(raw(folder, changes));
      for (let taken = 1; taken <= all.readings.length; taken += 1) {
        const rest = await drain(raw(folder, changes), { resumeFrom: all.positions[taken - 1] ?? '' });
        expect(rest.readings).toEqual(all.readings.slice(taken));
        expect(rest.reasons).toEqual([]);
      }
    }
  });

  it('are read from the beginning where another file has the name, which is counted', async () => {
    const folder = await folderOf({ 'a.f32': f32(ramp(3000)) });
    const { positions } = await drain(raw(folder));
    await writeFile(`${folder}/a.f32`, f32(ramp(3000, 1)));
    const sink = await drain(raw(folder), { resumeFrom: positions[1] ?? '' });
    expect(valuesOf(sink, 'vibration')).toEqual(ramp(3000, 1));
    expect(sink.reasons).toEqual(['position-lost']);
  });

  it('broken gzip keeps what came before, and the next file is read', async () => {
    const packed = gzipSync(f32(Array.from({ length: 40_000 }, Math.random)));
    const folder = await folderOf({ 'a.f32': packed.subarray(0, packed.length / 2), 'b.f32': f32([1]) });
    const sink = await drain(raw(folder));
    expect(sink.reasons).toEqual(['unreadable-file']);
    expect(sink.readings.at(-1)?.asset).toBe('b');
    expect(sink.readings.length).toBeGreaterThan(5);
  });
});

describe('WAVE files', () => {
  const wav = (path: string, changes: object = {}) => ({ ...raw(path), format: 'wav', rate: undefined, ...changes });
  const full = { '8': 128, '16': 2 ** 15, '24': 2 ** 23, '32': 2 ** 31 };

  it.each(Object.entries(full))('of %s bits are shares of full scale', async (bits, scale) => {
    const signed = [0, 1, -1, scale / 2, -scale, scale - 1];
    const stored = bits === '8' ? signed.map((value) => value + 128) : signed;
    const folder = await folderOf({ 'a.wav': wave(1, 25_600, bits, [stored]) });
    const sink = await drain(wav(folder));
    expect(samplesOf(sink, 'vibration')).toEqual(
      signed.map((value, i) => [ORIGIN + (i * 1000) / 25_600, value / scale]),
    );
  });

  it.each(['32f', '64'])('of floats (%s) keep their values', async (bits) => {
    const folder = await folderOf({ 'a.wav': wave(1, 48_000, bits, [[0.25, -3.5, 1e-3]]) });
    const [a, b, c] = valuesOf(await drain(wav(folder)), 'vibration');
    expect([a, b]).toEqual([0.25, -3.5]);
    expect(c).toBeCloseTo(1e-3, 9);
  });

  it('have their channels as tags, also packed, also with 24 bits (extensible format)', async () => {
    const channels = [ramp(3000), ramp(3000, 7), ramp(3000, 100)];
    const folder = await folderOf({ 'a.wav.gz': gzipSync(wave(3, 12_000, '24', channels)) });
    const sink = await drain(wav(folder, { tags: ['x', 'y', 'z'] }));
    for (const [channel, tag] of ['x', 'y', 'z'].entries()) {
      expect(valuesOf(sink, tag).map((value) => value * 2 ** 23)).toEqual(channels[channel]);
    }
  });

  it('may have other chunks before their samples, of odd lengths, too', async () => {
    const plain = wave(1, 12_000, '16', [[1, 2, 3]]);
    const chunk = Buffer.from('LIST\x05\x00\x00\x00abcde\x00', 'latin1');
    const folder = await folderOf({ 'a.wav': Buffer.concat([plain.subarray(0, 12), chunk, plain.subarray(12)]) });
    expect(valuesOf(await drain(wav(folder)), 'vibration')).toHaveLength(3);
  });

  it('that are shorter than they say give what they have, and the rest is counted', async () => {
    const whole = wave(1, 12_000, '16', [ramp(3000)]);
    const folder = await folderOf({ 'a.wav': whole.subarray(0, 44 + 2 * 1500) });
    const sink = await drain(wav(folder));
    expect(valuesOf(sink, 'vibration')).toHaveLength(1500);
    expect(sink.rejected).toEqual([
      { reason: 'truncated-signal', detail: 'a.wav: ends 3000 bytes before the length that it states' },
    ]);
  });

  it('whose writer did not know the length go on to their end; what stands behind the samples is left out', async () => {
    const samples = wave(1, 12_000, '16', [ramp(2000)]);
    const unknown = Buffer.from(samples);
    unknown.writeUInt32LE(0xffffffff, 40);
    const behind = Buffer.concat([samples, Buffer.from('LIST\x04\x00\x00\x00abcd', 'latin1')]);
    const folder = await folderOf({ 'a.wav': unknown, 'b.wav': behind });
    const sink = await drain(wav(folder));
    expect(sink.readings.map(({ asset, block }) => [asset, block?.length])).toEqual([
      ['a', 1024],
      ['a', 976],
      ['b', 1024],
      ['b', 976],
    ]);
    expect(sink.reasons).toEqual([]);
  });

  it.each([
    ['no WAVE file', () => Buffer.from('<html>not here</html>'), {}, 'format', 'WAVE'],
    ['an empty file', () => Buffer.alloc(0), {}, 'format', 'WAVE'],
    ['one that ends before its samples', () => wave(1, 12_000, '16', [[1]]).subarray(0, 40), {}, 'path', 'ends before'],
    ['one that ends in its format', () => wave(1, 12_000, '16', [[1]]).subarray(0, 30), {}, 'format', 'too few'],
    ['one without a format', () => without('fmt '), {}, 'format', 'before their format'],
    ['a compressed one', () => patched(20, 2), {}, 'format', 'format 2'],
    ['one of 12 bits', () => patched(34, 12), {}, 'format', '12 bits'],
    ['frames that do not fit', () => patched(32, 6), {}, 'format', 'frames of 6 bytes'],
    ['another rate', () => wave(1, 48_000, '16', [[1]]), { rate: 12_000 }, 'rate', '48000 samples a second, 12000'],
    ['a rate of 0', () => patched(24, 0), {}, 'rate', '0 samples'],
    ['more channels than tags', () => wave(2, 12_000, '16', [[1], [2]]), {}, 'tags', '2 channels, 1 tags'],
  ])('%s: refused with the key to look at', async (_, content, changes, path, reason) => {
    const folder = await folderOf({ 'a.wav': content() });
    const error = await failure(wav(folder, changes));
    expect([error.code, error.path]).toEqual(['sources.bad-layout', path]);
    expect(error.message).toContain(reason);
  });

  it('a wrong one among others is counted, and the others are read', async () => {
    const good = wave(1, 12_000, '16', [[1, 2]]);
    const folder = await folderOf({ 'a.wav': good, 'b.wav': patched(34, 12), 'c.wav': good });
    const sink = await drain(wav(folder));
    expect(sink.readings.map(({ asset }) => asset)).toEqual(['a', 'c']);
    expect(sink.reasons).toEqual(['unreadable-file']);
  });

  /** A good file with one 16 bit number of its header changed. */
  function patched(offset: number, value: number): Buffer {
    const file = wave(1, 12_000, '16', [[1]]);
    file.writeUInt16LE(value, offset);
    return file;
  }

  function without(id: string): Buffer {
    const file = wave(1, 12_000, '16', [[1]]);
    file.write('junk', file.indexOf(id), 'latin1');
    return file;
  }
});

describe('the configuration of signals', () => {
  const problems = (config: object) =>
    sourceSchema
      .safeParse({ type: 'file', path: 'x', rate: 1, tags: ['a'], format: 'f32', ...config })
      .error?.issues.map(({ path }) => path.join('.'));

  it.each([
    [{}, undefined],
    [{ format: 'wav', rate: undefined }, undefined],
    [{ rate: undefined }, ['rate']],
    [{ rate: 0 }, ['rate']],
    [{ tags: undefined }, ['tags']],
    [{ tags: [{ tag: 'a', rate: 1 }] }, ['tags']],
    [{ time: { period: '1s' } }, ['time']],
    [{ asset: 'p-{unit}' }, ['asset']],
    [{ format: 'csv', time: { column: 't' } }, ['rate']],
  ])('%j: %j', (config, expected) => {
    expect(problems(config)).toEqual(expected);
  });

  it('leaves the format to the name, and says what is missing then', async () => {
    const folder = await folderOf({ 'a.f32': f32([1]), 'b.wav': wave(1, 10, '16', [[2 ** 14]]) });
    const auto = { format: 'auto', rate: 10 };
    const sink = await drain(raw(folder, auto));
    expect(valuesOf(sink, 'vibration')).toEqual([1, 0.5]);
    expect((await failure(raw(`${folder}/a.f32`, { ...auto, rate: undefined }))).path).toBe('rate');
    expect((await failure(raw(folder, { ...auto, rate: undefined }))).code).toBe('sources.no-files');
    expect((await failure(raw(folder, { ...auto, tags: undefined }))).path).toBe('tags');
  });
});
