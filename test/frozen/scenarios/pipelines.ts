import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { goOn, toTheEnd } from '../answers.ts';
import type { Gateway, Program, Status } from '../program.ts';
import { atOnce, configure, jsonLines, must, type Scenario, START, writeIn } from '../scenario.ts';

const INPUTS = resolve(import.meta.dirname, '../fixtures/inputs');
const SECONDS = 180;
/** How long records are kept, and how long the gateway has run at least when it is ended. */
const RETAIN_S = 120;
const RAN_S = 12;

const wave = (index: number, of: number) => Number((2 * Math.sin((index * 2 * Math.PI) / of)).toFixed(4));

/** Two machines at one second, and now and then a third, in one line. */
function moment(second: number): unknown {
  const t = START + second * 1_000;
  const speed = second % 90 < 12 ? 0 : 1500;
  const values = { a: wave(second, 40), b: wave(second, 25), speed, level: 5 + wave(second, 17) };
  const other = { a: wave(second, 31) + 1, b: second % 9 === 4 ? null : 1, level: second % 60 };
  const rare = { kind: ['low', 'high', 'other one'][second % 3], mode: 'run', a: wave(second, 40) + 1.5, b: 1 };
  return [
    { asset: 'm1', t, values },
    { asset: 'm2', t: t + 250, values: other },
    ...(second % 10 === 0 ? [{ asset: 'lathe', t: t + 500, values: rare }] : []),
  ];
}

const moments = (from: number, to: number) => jsonLines(Array.from({ length: to - from }, (_, i) => moment(from + i)));

async function run(
  program: Program,
  folder: string,
  wanted: (status: Status) => boolean,
  end: (gateway: Gateway) => Promise<void>,
): Promise<void> {
  const gateway = await program.start(folder);
  try {
    await gateway.until('the middle of the input', wanted);
    await end(gateway);
  } finally {
    await gateway.kill();
  }
}

interface Checkpoints {
  readonly assets: number;
  readonly head: { readonly clean: boolean; readonly seq: number; readonly positions: object } | null;
}

const LINES = ['lines', 'table'] as const;

export const torn: Scenario = {
  name: 'torn',
  about:
    'kill -9 behind a checkpoint: windows are open, alarms half counted, a summary begun, a recurrent model in the middle, and some is told since.',
  async make(program, folder) {
    await configure(
      folder,
      {
        sources: {
          lines: { type: 'file', path: 'lines', speed: 10 },
          table: {
            type: 'file',
            path: 'table',
            asset: 'press',
            time: { period: '1s', origin: '2020-01-01' },
            speed: 10,
          },
        },
        assets: {
          first: {
            match: 'm1',
            attributes: { line: 'left' },
            tags: { a: { scale: 0.5, offset: 0.25, range: [-9, 9] }, level: { unit: 'mm' } },
          },
        },
        pipelines: {
          hopping: {
            ...{ source: 'lines', assets: 'm?', model: 'models/hopping', lateness: '3s' },
            alarms: {
              odd: { raise: { k: 3, n: 5, within: '5m' }, clear: { k: 4, n: 5, hold: '10s' } },
              slow: { when: 'output.score > -1.0', until: 'output.score < -1.5', raise: { k: 25, n: 40 } },
            },
          },
          gated: {
            ...{ source: 'lines', model: 'models/hopping', summaries: { every: '2m' } },
            when: 'tags.speed > 100.0 && attributes.line == "left"',
          },
          counted: { source: 'table', model: 'models/counted', alarms: { odd: { raise: { k: 2, n: 3 } } } },
          targets: {
            source: 'lines',
            assets: 'lathe',
            model: 'models/targets',
            alarms: { odd: { raise: { k: 4, n: 8 } } },
          },
          recurrent: { source: 'lines', assets: 'm2', model: 'models/recurrent', alarms: { odd: {} } },
        },
      },
      { retain: `${RETAIN_S}s` },
    );
    await writeIn(folder, 'lines/1.jsonl', moments(0, 60));
    await writeIn(folder, 'lines/2.jsonl.gz', gzipSync(moments(60, SECONDS)));
    const rows = Array.from({ length: SECONDS }, (_, i) => `${wave(i, 19)},${i % 7}`);
    await writeIn(folder, 'table/1.csv', `a,b\n${rows.slice(0, 70).join('\n')}\n`);
    await writeIn(folder, 'table/2.csv', `a,b\n${rows.slice(70).join('\n')}\n`);
    const later = ({ uptimeMs, sources }: Status) =>
      uptimeMs > RAN_S * 1_000 && sources.every(({ readings }) => readings > 100);
    await run(program, folder, later, async () => {});
  },
  check({ checkpoints, waiting }) {
    const { assets, head } = checkpoints as Checkpoints;
    must(assets >= 6 && head?.clean === false, 'there is a checkpoint, and no stop in order');
    must((head?.seq ?? 0) < waiting.lines, 'some is told since');
    must(Object.keys(head?.positions ?? {}).length === LINES.length, 'it has the positions of both sources');
  },
  goOn: (program, folder) =>
    goOn(program, folder, atOnce(...LINES), async (gateway) => {
      const readings = await toTheEnd(gateway);
      const { outbox } = await gateway.until('a rate', ({ outbox: { hoursLeft } }) => hoursLeft !== null);
      // Less is left than this run alone would have taken.
      return { ...readings, limit: outbox.limit, aged: (outbox.hoursLeft ?? 0) * 3600 < RETAIN_S - RAN_S + 4 };
    }),
};

const SIGNALS = ['wide', 'raw', 'days'] as const;

export const paused: Scenario = {
  name: 'paused',
  about: 'A stop in order in the middle of a wide folder, a recorded signal and a folder of tables.',
  async make(program, folder) {
    await configure(folder, {
      sources: {
        wide: {
          ...{ type: 'file', path: 'wide', format: 'wide', separator: 'tab', asset: 'rig', time: { period: '10s' } },
          ...{ tags: ['a', 'b'], speed: 4 },
        },
        raw: {
          ...{ type: 'file', path: 'signals', format: 'f32', tags: ['vibration', 'axial'], rate: 1000 },
          ...{ constants: { speed: 1200 }, speed: 0.25 },
        },
        days: { type: 'file', path: 'days', match: 'day-*', asset: 'press', time: { period: '1s' }, speed: 2 },
      },
      pipelines: {
        tumbling: { source: ['wide', 'days'], model: 'models/tumbling', lateness: '4s' },
        vibration: { source: 'raw', model: 'models/vibration' },
        resampled: { source: 'raw', model: 'models/resampled' },
      },
    });
    for (const name of ['wide', 'signals', 'days'])
      await cp(join(INPUTS, name), join(folder, name), { recursive: true });
    const some = ({ sources }: Status) =>
      sources.every(({ name, readings }) => readings >= ({ wide: 15, raw: 2, days: 9 }[name] ?? 0));
    await run(program, folder, some, (gateway) => gateway.stop());
  },
  check({ checkpoints }) {
    const { assets, head } = checkpoints as Checkpoints;
    must(assets >= 3 && head?.clean === true, 'there is a checkpoint of a stop in order');
    must(Object.keys(head?.positions ?? {}).length === SIGNALS.length, 'it has the positions of all sources');
  },
  goOn: (program, folder) => goOn(program, folder, atOnce(...SIGNALS), toTheEnd),
};
