import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import wavefile from 'wavefile';

/*
 * Writes the small recordings of the fixtures: npx tsx test/frozen/inputs.ts FOLDER. Each has what a recording of its form
 * may have wrong, beside what is right.
 */

const START = Date.UTC(2020, 0, 1);
const SECOND = 1_000;
const RATE = 1_000;

type Content = string | Uint8Array;

const steps = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const rounded = (value: number) => Number(value.toFixed(4));
const wave = (index: number, of: number, shift = 0) => rounded(Math.sin((index * 2 * Math.PI) / of + shift) * 2);
const lines = (all: readonly unknown[]) =>
  all.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');

/** A column of time in seconds, text with separators and quotes, cells that are empty, no numbers or not finite. */
const table = [
  '\uFEFFtime,machine,a,"b",note',
  '1577836800,m1,1.5,2,"first, of all"',
  '1577836801,m1,-2.25e-1,+3,"a ""quoted"" word"',
  '1577836802,m2,.5,7,',
  '',
  '1577836803,m1,,4,missing',
  '1577836804,m1,nan,4,not finite',
  '1577836805,m1,broken,4,text',
  '1577836806,m1,1,2',
  '1577836807,m1,"1"2,4,quotes that do not fit',
  '1577836808,,1,4,nobody',
  ',m1,1,4,no time',
  'yesterday,m1,1,4,no time either',
  '2020-01-01T00:00:10.5+01:00,m1,1,4,earlier than all of them',
  '1577836811,m1,  6  ,true,blanks',
  '1577836812,m1,1e999,4,too large',
  '4102444800,m1,1,4,of the year 2100',
  '1577836813,m1,9,8,last',
].join('\r\n');

/** A semicolon between columns, a comma in numbers, ISO times with a zone. */
const german = lines([
  'Zeit;Maschine;a;b',
  '2020-01-01T01:00:00+01:00;Presse 1;1,5;"2,25"',
  '2020-01-01T01:00:01+01:00;Presse 1;-0,5;1.5',
  '2020-01-01 00:00:02;Presse 2;3;4,0',
  '2020-01-01T00:00:03Z;Presse 1;;1,25',
]);

const cycles = lines(
  steps(12, (i) => `${1 + Math.floor(i / 6)}  ${1 + (i % 6)}\t ${wave(i, 5)}   ${wave(i, 7, 1)} ${i === 4 ? 'x' : i}`),
);

const day = (first: number) =>
  lines(['a,b', ...steps(7, (i) => (first + i === 9 ? '1,2,3' : `${wave(first + i, 9)},${first + i}`))]);

const at = (second: number, values: object, asset = 'm1') => ({ asset, t: START + second * SECOND, values });

/** Objects, arrays, single values, and what is none of these. */
const readings = lines([
  at(0, { a: 1, b: 2 }, 'r1'),
  [at(1, { a: 2, b: 2.5 }, 'r1'), at(1, { a: 2, b: 2.5 }, 'r2'), at(2, { a: 3, b: 1 }, 'r1')],
  { asset: 'r1', t: '2020-01-01T00:00:03.250Z', values: { a: '4', b: true } },
  '{"asset":"r1",',
  'null',
  { asset: 'r1', t: START, values: [] },
  { asset: 'r1', values: { a: 1 } },
  { asset: 'r1', t: 'noon', values: { a: 1 } },
  { asset: 'r1', t: START + 4_000, values: { a: { deep: 1 }, b: 1 } },
  { asset: 'r1', t: START + 5_000, values: {} },
  { asset: 'r1', t: START + 5_500, tag: 'a', value: 5 },
  { asset: 'r1', t: START + 5_750, value: 5 },
  { asset: 7, t: START + 6_000, values: { a: 1, b: 1 } },
  { asset: 'x'.repeat(70), t: START + 6_000, values: { a: 1, b: 1 } },
  { asset: 'r1', t: START + 7_000, values: { a: 1, b: 1 }, pad: 'x'.repeat(1_100) },
  at(8, { a: null, b: 1 }, 'r1'),
  at(9, { a: 6, b: 1, unknown: 3 }, 'r1'),
]);

/** The same in another shape: readings deep inside, times in microseconds, values beside their names. */
const nested = lines(
  steps(4, (i) => ({
    head: { id: i },
    body: [
      { who: 'n1', when: (START + i * SECOND) * 1_000, data: { a: wave(i, 5), b: i } },
      { who: 'n2', when: (START + i * SECOND) * 1_000, data: { a: i, b: wave(i, 3) } },
    ],
  })),
);

/** Two machines that take turns; late, disordered and repeated readings, gaps, a sensor that dies, a clock that is set back. */
function disordered(): string {
  const regular = steps(150, (i) =>
    at(
      i < 90 ? i : i + 45,
      {
        a: i > 60 && i < 75 ? null : wave(i, 40),
        ...(i % 13 === 7 && i < 90 ? {} : { b: wave(i, 25, 1) }),
        ...(i % 3 === 0 ? { speed: i < 20 || (i > 100 && i < 112) ? 0 : 1500 } : {}),
        level: 5 + wave(i, 17),
      },
      i % 7 === 3 && i < 90 ? 'm2' : 'm1',
    ),
  );
  const swapped = regular.flatMap((one, i) => {
    if (i % 19 === 5) return [];
    if (i % 19 === 6) return [one, regular[i - 1] ?? one];
    if (i % 23 === 9) return [one, one];
    if (i % 29 === 11) return [one, { ...one, t: one.t - 12 * SECOND, values: { a: 9, b: 9 } }];
    return [one];
  });
  const again = steps(45, (i) => at(i - 3_600, { a: wave(i, 40), b: wave(i, 25, 1), speed: 1500, level: 3 }, 'm3'));
  const restarted = [...steps(30, (i) => at(500 + i, { a: i, b: 1, speed: 1500, level: i }, 'm3')), ...again];
  return lines([...swapped, ...restarted]);
}

const targets = lines([
  'kind,mode,a,b',
  ...steps(16, (i) => {
    const kind = ['low', 'mid', 'high', 'other one', ''][i % 5];
    return `${kind},${i % 4 === 1 ? 'idle' : 'run'},${rounded(wave(i, 11) + 1.5)},${i % 8 === 6 ? 0 : wave(i, 5, 1)}`;
  }),
  'low,idle,3,1',
  'low,run,,1',
]);

/** A line of 60 Hz, its double, the beat of a damaged bearing, and a tone above what a slower rate can carry. */
function vibration(index: number, shift = 0): number {
  const t = index / RATE;
  const beat = 1 + 0.8 * Math.sin(2 * Math.PI * 5.3 * t);
  const low = Math.sin(2 * Math.PI * 61.3 * t + shift) + 0.4 * Math.sin(2 * Math.PI * 122.6 * t);
  return Math.fround(low + beat * Math.sin(2 * Math.PI * 211.7 * t) + 0.3 * Math.sin(2 * Math.PI * 431.9 * t + shift));
}

const channels = (count: number) => steps(count, (i) => [vibration(i), vibration(i, 1)]);

function raw(count: number, rest = 0): Uint8Array {
  const samples = Buffer.from(Float32Array.from(channels(count).flat()).buffer);
  return Buffer.concat([samples, Buffer.alloc(rest)]);
}

function wav(count: number): Uint8Array {
  const file = new wavefile.WaveFile();
  const full = steps(2, (channel) => channels(count).map((both) => Math.round(((both[channel] ?? 0) / 4) * 32_767)));
  file.fromScratch(2, RATE, '16', full);
  return file.toBuffer();
}

const block = (index: number, values: object) => ({
  ...{ asset: 'motor', t: START + index * 250, rate: RATE },
  values: { vibration: steps(250, (i) => rounded(vibration(index * 250 + i))), ...values },
});

const blocks = lines([
  ...steps(6, (i) => block(i, { speed: 300 + i })),
  block(7, { speed: 310 }),
  { ...block(8, { speed: 310 }), rate: 0 },
  block(8, { speed: 310, axial: [1, 2] }),
  block(9, { speed: null }),
]);

/** Two seconds of a pump of the rig at a time, sampled as the rig does; in the second half it vibrates more and more. */
function pump(): string {
  const fixed = (value: number) => Number(value.toFixed(3));
  const values = (i: number) => ({
    vibration: fixed(1 + 0.2 * Math.sin(i * 1.7) + (i > 300 ? (i - 300) / 100 : 0)),
    ...(i % 2 === 0
      ? {
          speed: fixed(2_950 + 1.5 * Math.sin(i * 0.9)),
          pressure: fixed(5.97 + 0.02 * Math.sin(i * 0.7)),
          flow: fixed(410 + 2 * Math.sin(i * 0.4)),
        }
      : {}),
    ...(i % 20 === 0 ? { temperature: fixed(38 + i / 400) } : {}),
  });
  return lines(
    steps(15, (part) =>
      steps(40, (i) => ({ asset: 'pump-2', t: START + (part * 40 + i) * 50, values: values(part * 40 + i) })),
    ),
  );
}

/** A column a tag, text and numbers side by side. */
const types = lines([
  't,asset,inlet,outlet,strokes,material,feed,vibration,play,level',
  '0,m1,4,2,999999,steel,0.5,1,1,8',
  '0,m2,4,2,999999,steel,0.5,1,1,4',
  '1,m1,1.5,-8,1000017,brass,2,9,9,8',
  '1,m2,4,2,999999,steel,0.5,1,1,4',
  '2,m1,1,1,5.5,plastic,1,1,9.5,8',
  '60,m1,1,1,0,steel,1,1,9.5,8',
]);

const FILES: Readonly<Record<string, Content>> = {
  'table.csv': table,
  'german.csv.gz': gzipSync(german),
  'cycles.txt': cycles,
  'days/day-1.csv': day(0),
  'days/day-2.csv.gz': gzipSync(day(7)),
  'days/left-out.txt': 'a,b\n0,0\n',
  'readings.jsonl': readings,
  'nested.jsonl.gz': gzipSync(nested),
  'wide/a.txt': lines(
    steps(4, (row) => steps(10, (i) => (row === 2 && i === 3 ? 'nan' : wave(row * 10 + i, 13))).join('\t')),
  ),
  'wide/b.txt.gz': gzipSync(
    lines(steps(5, (row) => (row === 1 ? '1\t2' : steps(5, (i) => wave(row * 5 + i, 7, 1)).join('\t')))),
  ),
  'disordered.jsonl': disordered(),
  'targets.csv': targets,
  'types.csv': types,
  'pump.jsonl.gz': gzipSync(pump()),
  'signals/left.f32': raw(2_600, 5),
  'signals/slow-1.f32.gz': gzipSync(raw(1_100)),
  'sound.wav': wav(2_300),
  'blocks.jsonl.gz': gzipSync(blocks),
};

const [folder = 'test/frozen/fixtures/inputs'] = process.argv.slice(2);
for (const [name, content] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}
