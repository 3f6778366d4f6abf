import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { edgewright, writeConfig } from '../support/gateway.ts';
import { jsonLines, readings } from './support/plant.ts';
import { BENCH_MODEL, Scene } from './support/scene.ts';

describe('outbox export', () => {
  let scene: Scene;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    scene = new Scene();
    folder = await scene.folder();
    const input = join(folder, 'readings.jsonl');
    await writeFile(input, jsonLines(readings(3, 90)));
    file = await writeConfig(folder, {
      ...{ site: 'plant', device: 'island' },
      sources: { plant: { type: 'file', path: input, speed: 'max' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
    });
  });

  afterEach(() => scene.close());

  it('carries what waits over the air gap, and confirms it when it is in the file', async () => {
    const gateway = await scene.gateway(file);
    await gateway.until('all readings', ({ sources, pipelines }) => {
      return sources[0]?.state === 'ended' && pipelines[0]?.waiting === 0;
    });
    const running = await edgewright(['outbox', 'export', file]);
    expect([running.status, running.stdout]).toEqual([1, '']);
    expect(running.stderr).toContain(`process ${gateway.pid} has it`);
    const { stopped } = await gateway.terminate();

    const out = join(folder, 'records.jsonl');
    const looked = await edgewright(['outbox', 'export', file]);
    const done = await edgewright(['outbox', 'export', file, '--out', out, '--confirm', '--json']);
    const text = await readFile(out, 'utf8');
    expect([looked.status, looked.stdout]).toEqual([0, text]);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const records = stopped?.pending;
    expect(JSON.parse(done.stdout)).toEqual({ records, damaged: 0, confirmed: records, out });
    const { boot } = gateway;
    expect(lines.map(({ site, device, boot: of, seq }) => [site, device, of, seq])).toEqual(
      lines.map((_, index) => ['plant', 'island', boot, index + 1]),
    );
    expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['event', 'prediction', 'summary']));

    const empty = await edgewright(['outbox', 'export', file]);
    const kept = await edgewright(['outbox', 'export', file, '--all']);
    expect([empty.stdout, kept.stdout]).toEqual(['', text]);
    const next = await scene.gateway(file);
    const { ledger } = await next.status();
    expect(ledger.find(({ type }) => type === 'prediction')).toMatchObject({ pending: 0, acked: expect.any(Number) });
  }, 60_000);

  it('confirms nothing that is not safely in a file', async () => {
    await (await scene.gateway(file)).terminate();
    const nowhere = join(folder, 'absent', 'records.jsonl');
    const failed = await edgewright(['outbox', 'export', file, '--out', nowhere, '--confirm', '--json']);
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining('cli.cannot-write')]);
    await expect(stat(nowhere)).rejects.toThrow('ENOENT');
    const piped = await edgewright(['outbox', 'export', file, '--confirm']);
    expect([piped.status, piped.stderr]).toEqual([2, expect.stringContaining('give --out FILE')]);
    expect((await edgewright(['outbox', 'export', file])).stdout).toContain('"start"');
  }, 60_000);

  it('says where there is none', async () => {
    const { status, stderr } = await edgewright(['outbox', 'export', file, '--json']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('outbox.absent')]);
  });
});
