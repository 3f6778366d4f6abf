import { formatBytes } from '../../common/core/index.ts';
import { RIG_TAGS, type RigTag } from '../../scoring/sources/index.ts';
import { clockOf, type DemoEvent, tell } from './events.ts';
import type { LinkView, PumpView, Scene } from './scene.ts';
import { bar, sparkline } from './sparkline.ts';
import { column, type Line, paintLine, type Span, type Style, spread } from './styled.ts';

/** Least size that shows everything. */
export const LEAST = { columns: 80, rows: 24 } as const;
const MARGIN = ' ';
const LABEL = 10;
/** Cells of sensors side by side. */
const CELLS = 3;

/**
 * Records at the top of the queue's scale at least, so that what waits for a moment anyhow stays low in the picture.
 */
const LEAST_QUEUE_SCALE = 40;
/** Characters between two parcels on the wire, and ms for which one stays at a place. */
const PARCEL = { distance: 8, stay: 125 } as const;

/** Bottom and top of each sensor's scale. */
const SCALES: Readonly<Record<RigTag, readonly [number, number]>> = {
  speed: [0, 3200],
  pressure: [0, 8],
  flow: [0, 500],
  temperature: [20, 60],
  vibration: [0, 5],
};
const DIGITS: Readonly<Record<RigTag, number>> = { speed: 0, pressure: 2, flow: 0, temperature: 1, vibration: 2 };
const SHORT: Readonly<Record<RigTag, string>> = {
  speed: 'speed',
  pressure: 'press',
  flow: 'flow',
  temperature: 'temp',
  vibration: 'vibr',
};

/** Draws the scene: lines from top to bottom, at most `rows` of at most `columns` characters (styles not counted). */
export function render(scene: Scene, columns: number, rows: number, colours: boolean): string[] {
  const roomy = rows >= LEAST.rows + scene.pumps.length + 4;
  const head = [header(scene, columns), rule(columns, 'machines', 'score, ┃ its threshold')];
  const pumps = scene.pumps.flatMap((pump, index) => [
    ...(index > 0 && (roomy || scene.pumps.length <= CELLS) ? [[]] : []),
    ...pumpLines(pump, scene.threshold, columns),
  ]);
  const foot = [
    rule(columns, 'from the gateway to the consumer'),
    ...flowLines(scene, columns),
    rule(columns, 'what happens'),
  ];
  const left = Math.max(0, rows - head.length - pumps.length - foot.length);
  const lines = [...head, ...pumps, ...foot, ...happenings(scene, left)];
  return lines.slice(0, rows).map((line) => paintLine(line, columns, colours));
}

function rule(columns: number, left: string, right = ''): Line {
  const end = right === '' ? '' : ` ${right} ─`;
  const start = `─ ${left} `;
  return [[start + '─'.repeat(Math.max(0, columns - start.length - end.length)) + end, 'dim']];
}

function header({ site, device, elapsed, length, link }: Scene, columns: number): Line {
  const time = clockOf(elapsed / 1000) + (length === undefined ? '' : ` of ${clockOf(length / 1000)}`);
  const left: Line = [MARGIN, ['EDGEWRIGHT', 'bold'], `  ${site}/${device}`];
  return spread(left, [time, '  ', linkSpan(link), MARGIN], columns);
}

const LINKS: Readonly<Record<LinkView, readonly [text: string, style: Style]>> = {
  online: ['● link online', 'green'],
  connecting: ['○ link connecting', 'yellow'],
  offline: ['○ link offline', 'yellow'],
  cut: ['✗ link CUT', ['red', 'bold']],
};

function linkSpan(link: LinkView): Span {
  return LINKS[link];
}

function pumpLines(pump: PumpView, threshold: number, columns: number): Line[] {
  const width = Math.floor((columns - MARGIN.length) / CELLS);
  const rows: readonly (readonly RigTag[])[] = [
    ['vibration', 'pressure', 'flow'],
    ['speed', 'temperature'],
  ];
  const cells = rows.map((tags) => tags.flatMap((tag) => sensorCell(pump, tag, width)));
  const scoreCell = [column('score', 6), ...scoreTrace(pump, threshold, width - 7)];
  return [
    pumpTitle(pump, threshold, columns),
    [MARGIN, ...(cells[0] ?? [])],
    [MARGIN, ...(cells[1] ?? []), ...scoreCell],
  ];
}

function pumpTitle(pump: PumpView, threshold: number, columns: number): Line {
  const broken: Span[] = pump.fault === undefined ? [] : [[` ${pump.fault} `, ['black', 'bgYellow']]];
  const left: Line = [MARGIN, [column(pump.asset, LABEL), 'bold'], [column(pump.mode, 10), 'dim'], ...broken];
  const barWidth = columns < 100 ? 16 : 24;
  return spread(left, [...scoreSpans(pump, threshold, barWidth), ...alarmSpans(pump), MARGIN], columns);
}

function scoreSpans({ score, decision }: PumpView, threshold: number, width: number): Span[] {
  if (decision === 'abstain') return [['no decision: the data is not good enough', 'yellow']];
  if (score === undefined) return [['waiting for the first window', 'dim']];
  const style: Style = decision === 'anomaly' ? 'red' : 'green';
  const text = `${column(score.toPrecision(3), 7)}${decision === 'anomaly' ? 'ANOMALY' : 'normal '}`;
  // The threshold stands in the middle, so that all pumps compare by eye.
  return [[bar(score / threshold / 2, 0.5, width), style], ' ', [text, style]];
}

function alarmSpans({ alarms }: PumpView): Span[] {
  return alarms.size === 0 ? [' '.repeat(8)] : [' ', [' ALARM ', ['white', 'bgRed', 'bold']]];
}

function sensorCell({ sensors }: PumpView, tag: RigTag, width: number): Span[] {
  const { value, trace } = sensors[tag];
  const { unit } = RIG_TAGS[tag];
  const number = Number.isNaN(value) ? '-' : value.toFixed(DIGITS[tag]);
  const label = `${column(SHORT[tag], 5)}${number.padStart(5)} ${column(unit.replace('degC', '°C'), 5)}`;
  const room = width - label.length - 2;
  return [label, ' ', [sparkline(trace.last(room), room, ...SCALES[tag]), 'cyan'], ' '];
}

function scoreTrace({ scores, decision }: PumpView, threshold: number, width: number): Span[] {
  const style: Style = decision === 'anomaly' ? 'red' : 'green';
  return [[sparkline(scores.last(width), width, 0, 2 * threshold), style]];
}

/** Draws what goes from the gateway to the consumer. */
function flowLines(scene: Scene, columns: number): Line[] {
  const { model, elapsed, predictions, committed, readings, pending, bytes, queue, link, broker, consumer } = scene;
  const queued = `${column(`${pending} records wait`, 20)}${column(`${formatBytes(bytes)} on disk`, 18)}`;
  const room = Math.max(0, columns - 2 * MARGIN.length - LABEL - queued.length);
  const values = queue.last(room);
  const grown: Style = pending > 0 && link !== 'online' ? 'yellow' : 'cyan';
  const missing = consumer.missing === 0 ? 'nothing missing' : `${consumer.missing} on the way`;
  return [
    row('gateway', [`${readings} readings in, ${predictions} scored by ${model}, ${committed} committed`]),
    row('queue', [queued, [sparkline(values, room, 0, Math.max(LEAST_QUEUE_SCALE, ...values)), grown]]),
    row('link', [wire(link, elapsed, columns - 40), '  ', [broker, 'dim']]),
    row('consumer', [`${consumer.received} records received, ${consumer.duplicates} duplicates, ${missing}`]),
  ];
}

function row(label: string, line: Line): Line {
  return [MARGIN, [column(label, LABEL), 'bold'], ...line];
}

function wire(link: LinkView, elapsed: number, length: number): Span {
  const width = Math.max(0, length);
  if (link === 'online') {
    const moved = Math.floor(elapsed / PARCEL.stay);
    const place = (at: number) =>
      (((at - moved) % PARCEL.distance) + PARCEL.distance) % PARCEL.distance === 0 ? '●' : '━';
    return [Array.from({ length: width }, (_, at) => place(at)).join(''), 'green'];
  }
  const half = '━'.repeat(Math.max(0, Math.floor((width - 5) / 2)));
  return [`${half}  ✗  ${half}`, link === 'cut' ? 'red' : 'yellow'];
}

/** Draws the newest of what happened, in order of time. */
function happenings({ events }: Scene, rows: number): Line[] {
  const newest = rows > 0 ? events.slice(-rows) : [];
  return newest.map((event) => [MARGIN, [column(clockOf(event.at), 6), 'dim'], [tell(event), styleOf(event)]]);
}

function styleOf(event: DemoEvent): Style {
  if (event.event === 'alarm') return event.state === 'raised' ? ['red', 'bold'] : 'green';
  if (event.event === 'link-cut' || event.event === 'fault') return 'yellow';
  return event.event === 'drained' || event.event === 'link-mended' ? 'green' : 'reset';
}
