import { describe, expect, it } from 'vitest';
import type { AlarmRecord, PredictionRecord } from '../../src/common/core/index.ts';
import { createRig } from '../../src/scoring/sources/index.ts';
import { Scene } from '../../src/tools/demo/scene.ts';
import { render } from '../../src/tools/demo/view.ts';

const PUMPS = ['pump-1', 'pump-2', 'pump-3'];

function sceneOf(seconds = 30): Scene {
  const scene = new Scene(PUMPS);
  Object.assign(scene, { site: 'workshop', device: 'gateway-demo', broker: 'mqtt://127.0.0.1:1', model: 'm 1.0.0' });
  scene.threshold = 1;
  const rigs = PUMPS.map((asset) => createRig({ seed: 1, asset, start: 0 }));
  for (let tick = 0; tick < seconds * 20; tick += 1) for (const rig of rigs) scene.reading(rig.next(), rig.mode);
  return scene;
}

function predict(scene: Scene, asset: string, score: number): void {
  const decision = score > 1 ? 'anomaly' : 'normal';
  scene.prediction({ type: 'prediction', asset, t: 0, output: { score }, decision } as PredictionRecord);
}

const show = (scene: Scene, columns = 80, rows = 24) => render(scene, columns, rows, false);
const lineWith = (scene: Scene, text: string) => show(scene).find((line) => line.includes(text)) ?? '';

describe('the view', () => {
  it.each([
    [80, 24],
    [120, 40],
    [200, 60],
    [40, 10],
    [1, 1],
  ])('fits a terminal of %i columns and %i rows', (columns, rows) => {
    const scene = sceneOf();
    for (let at = 0; at < 100; at += 1) scene.event({ event: 'link-cut', at });
    const lines = render(scene, columns, rows, false);
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
  });

  it('shows every sensor of every pump with its value and its past on 80 by 24', () => {
    const lines = show(sceneOf());
    for (const pump of PUMPS) {
      const at = lines.findIndex((line) => line.includes(pump));
      const block = lines.slice(at, at + 3).join('\n');
      for (const label of ['vibr', 'press', 'flow', 'speed', 'temp']) {
        expect(block).toMatch(new RegExp(`${label} +[\\d.]+ \\S+ +[▁▂▃▄▅▆▇█]{4,}`));
      }
    }
  });

  it('shows each score against the threshold, and which pump is abnormal', () => {
    const scene = sceneOf();
    predict(scene, 'pump-1', 0.25);
    predict(scene, 'pump-2', 1.5);
    expect(lineWith(scene, 'pump-1')).toMatch(/██░*┃░+ 0\.250 +normal/);
    expect(lineWith(scene, 'pump-2')).toMatch(/█+┃█+░+ 1\.50 +ANOMALY/);
    expect(lineWith(scene, 'pump-3')).toContain('waiting');
  });

  it('shows what is broken and the alarm until it is cleared', () => {
    const scene = sceneOf();
    predict(scene, 'pump-2', 1.5);
    scene.event({ event: 'fault', at: 6, asset: 'pump-2', fault: 'bearing-wear', state: 'on' });
    const alarm = { type: 'alarm', asset: 'pump-2', alarm: 'abnormal', state: 'raised' } as AlarmRecord;
    scene.alarm(alarm);
    expect(lineWith(scene, 'pump-2')).toMatch(/bearing-wear.*ANOMALY.*ALARM/);
    scene.alarm({ ...alarm, state: 'cleared' });
    expect(lineWith(scene, 'pump-2')).not.toContain('ALARM');
    scene.event({ event: 'fault', at: 9, asset: 'pump-2', fault: 'bearing-wear', state: 'off' });
    expect(lineWith(scene, 'pump-2')).not.toContain('bearing-wear');
  });

  it('says when the data is not good enough to decide', () => {
    const scene = sceneOf();
    scene.prediction({
      type: 'prediction',
      asset: 'pump-1',
      t: 0,
      output: null,
      decision: 'abstain',
    } as PredictionRecord);
    expect(lineWith(scene, 'pump-1')).toContain('no decision');
  });

  it('shows the link, the growing queue and what the consumer has', () => {
    const scene = sceneOf();
    scene.link = 'cut';
    for (let step = 0; step < 20; step += 1) {
      scene.elapsed = step * 500;
      scene.queued(step * 3, 4096, 200);
    }
    scene.consumer = { received: 143, duplicates: 1, missing: 57 };
    expect(lineWith(scene, 'EDGEWRIGHT')).toContain('link CUT');
    expect(lineWith(scene, 'records wait')).toMatch(/57 records wait +4\.0 KiB on disk +▁.*█$/);
    expect(lineWith(scene, 'records received')).toContain('143 records received, 1 duplicates, 57 on the way');
    scene.link = 'online';
    expect(lineWith(scene, 'EDGEWRIGHT')).toContain('link online');
  });

  it('tells the story, newest last', () => {
    const scene = sceneOf();
    scene.event({ event: 'fault', at: 12, asset: 'pump-2', fault: 'bearing-wear', state: 'on' });
    scene.event({
      event: 'alarm',
      at: 75,
      asset: 'pump-2',
      alarm: 'abnormal',
      state: 'raised',
      severity: 'high',
      delaySeconds: 6,
      contributions: [
        { sensor: 'flow', contribution: 0.618 },
        { sensor: 'speed', contribution: 0.21 },
        { sensor: 'pressure', contribution: 0.172 },
      ],
    });
    const [fault, alarm] = show(scene).slice(-2);
    expect(fault).toContain('0:12  bearing wear switched on at pump-2');
    expect(alarm).toContain('1:15  ALARM raised: abnormal at pump-2, 6.0 machine s after the fault: flow 62%');
  });

  it('shows how far the story is, and has no end where it has none', () => {
    const scene = sceneOf();
    scene.elapsed = 12_000;
    expect(lineWith(scene, 'EDGEWRIGHT')).toContain(' 0:12  ');
    scene.length = 30_000;
    expect(lineWith(scene, 'EDGEWRIGHT')).toContain('0:12 of 0:30');
  });

  it('uses colours only where it may', () => {
    const scene = sceneOf();
    expect(render(scene, 80, 24, true).join('')).toContain('\x1b[');
    expect(render(scene, 80, 24, false).join('')).not.toContain('\x1b');
  });
});
