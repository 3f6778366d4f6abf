import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../link/support.ts';

const MAIN = resolve('dist/main.js');
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

type Event = { readonly event: string } & Record<string, unknown>;

/** The demo from a foreign, empty folder, with a temporary folder of its own. */
async function demo(...argv: string[]) {
  const [home, temporary] = await Promise.all(['home-', 'tmp-'].map((name) => mkdtemp(join(tmpdir(), name))));
  if (home === undefined || temporary === undefined) throw new Error('no folder');
  folders.push(home, temporary);
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN, 'demo', ...argv], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const left = async () => [...(await readdir(home)), ...(await readdir(temporary))];
  return { child, output, left, ended: exitOf(child) };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close');
  return code;
}

function eventsIn(text: string): Event[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

describe('edgewright demo', () => {
  it('tells the whole story in little time, loses nothing and leaves nothing behind', async () => {
    const { output, left, ended } = await demo('--for', '10s', '--json');
    expect([await ended, output.stderr]).toEqual([0, '']);
    const events = eventsIn(output.stdout);
    const names = events.map(({ event }) => event);
    const order = ['started', 'fault', 'alarm', 'link-cut', 'queue', 'link-mended', 'drained', 'summary'];
    expect(order.map((name) => names.indexOf(name))).toEqual(
      order.map((name) => names.indexOf(name)).sort((a, b) => a - b),
    );
    expect(names).toEqual(expect.arrayContaining(order));
    const fault = events.find(({ event }) => event === 'fault');
    const alarm = events.find(({ event, state }) => event === 'alarm' && state === 'raised');
    expect(alarm?.['asset']).toBe(fault?.['asset']);
    const pending = events
      .filter(({ event }) => event === 'queue' || event === 'link-mended')
      .map((event) => event['pending']);
    expect(Number(pending.at(-1))).toBeGreaterThan(0);
    const summary = events.at(-1) ?? {};
    expect(summary).toMatchObject({ event: 'summary', ok: true, missing: 0, falseAlarms: 0 });
    expect(summary).toMatchObject({ delivered: (summary as { committed?: number }).committed });
    expect(await left()).toEqual([]);
  }, 90_000);

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends in order on %s, with a summary and an empty temporary folder',
    async (signal) => {
      const { child, output, left, ended } = await demo();
      await eventually('the beginning', () => output.stdout.includes('pumps send over MQTT'), 60_000);
      child.kill(signal);
      expect([await ended, output.stderr]).toEqual([0, '']);
      expect(output.stdout).toContain('committed');
      expect(output.stdout).not.toContain('\x1b');
      expect(await left()).toEqual([]);
    },
    90_000,
  );

  it.each([['5s'], ['soon']])('refuses --for %s as wrong usage', async (length) => {
    const { output, ended } = await demo('--for', length);
    expect(await ended).toBe(2);
    expect(output.stderr).toContain('--for');
    expect(output.stdout).toBe('');
  });
});
