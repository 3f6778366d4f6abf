import { describe, expect, it } from 'vitest';
import type { DemoEvent } from '../../src/tools/demo/events.ts';
import { Scene } from '../../src/tools/demo/scene.ts';
import type { Terminal } from '../../src/tools/demo/screen.ts';
import { createStage } from '../../src/tools/demo/stage.ts';
import type { Summary } from '../../src/tools/demo/summary.ts';

function terminal(isTTY: boolean): Terminal & { text: () => string } {
  let written = '';
  return {
    isTTY,
    columns: 80,
    rows: 24,
    write(text) {
      written += text;
      return true;
    },
    text: () => written,
  };
}

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

const cut: DemoEvent = { event: 'link-cut', at: 12.3 };
const summary: DemoEvent & Summary = {
  event: 'summary',
  at: 30,
  ok: true,
  seconds: 30,
  readings: 1800,
  predictions: 90,
  committed: 95,
  delivered: 95,
  duplicates: 2,
  missing: 0,
  alarms: 1,
  falseAlarms: 0,
  faults: 1,
  detectionDelaySeconds: 6.5,
  queuePeak: 40,
};

function scene(): Scene {
  const made = new Scene(['pump-1']);
  Object.assign(made, { site: 'workshop', device: 'gateway-demo', broker: 'mqtt://127.0.0.1:4711' });
  return made;
}

describe('stages', () => {
  it('prints one JSON object an event and nothing else with --json, on a terminal too', () => {
    for (const isTTY of [false, true]) {
      const out = terminal(isTTY);
      const stage = createStage(out, { json: true, plain: false });
      stage.open(scene());
      stage.tell(cut);
      stage.tell(summary);
      stage.close();
      const lines = out.text().trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual([cut, summary]);
    }
  });

  it('prints plain lines without any control of a screen where there is no terminal', () => {
    const out = terminal(false);
    const stage = createStage(out, { json: false, plain: false });
    stage.open(scene());
    stage.tell(cut);
    stage.tell(summary);
    stage.close();
    expect(out.text()).not.toContain('\x1b');
    expect(out.text()).toContain('edgewright watch workshop/gateway-demo --broker mqtt://127.0.0.1:4711');
    expect(out.text()).toContain('0:12  link to the consumer cut');
    expect(out.text()).toMatch(/delivered +95 to the consumer, 2 duplicates, 0 missing/);
  });

  it('takes the whole terminal and gives it back once, then sums up', () => {
    const out = terminal(true);
    const stage = createStage(out, { json: false, plain: true });
    const listeners = process.listenerCount('exit');
    stage.open(scene());
    stage.tell(summary);
    stage.close();
    stage.close();
    expect(process.listenerCount('exit')).toBe(listeners);
    const [before = '', ...rest] = out.text().split(ENTER);
    const [picture = '', after = '', ...more] = rest.join('').split(LEAVE);
    expect([before, rest.length, more.length]).toEqual(['', 1, 0]);
    expect(picture).toContain('pump-1');
    expect(after).toContain('delivered');
    expect(after).not.toContain('\x1b');
  });

  it('gives the terminal back when the program ends on its way', () => {
    const out = terminal(true);
    const stage = createStage(out, { json: false, plain: true });
    stage.open(scene());
    const restore = process.listeners('exit').at(-1);
    restore?.call(process, 0);
    expect(out.text().endsWith(LEAVE)).toBe(true);
    stage.close();
  });
});
