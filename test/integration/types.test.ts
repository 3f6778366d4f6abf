import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { engines } from '../inference/support.ts';

const READINGS = `t,asset,inlet,outlet,strokes,material,feed,vibration,play,level
0,m1,4,2,999999,steel,0.5,1,1,8
0,m2,4,2,999999,steel,0.5,1,1,4
1,m1,1.5,-8,1000017,brass,2,9,9,8
1,m2,4,2,999999,steel,0.5,1,1,4
2,m1,1,1,5.5,plastic,1,1,9.5,8
60,m1,1,1,0,steel,1,1,9.5,8
`;

interface Prediction {
  readonly pipeline: string;
  readonly asset: string;
  readonly output: { value?: number; score?: number; label?: string; probabilities?: Record<string, number> } | null;
  readonly decision: string;
  readonly quality: { readonly reasons?: readonly string[] };
}

describe.each(engines)('device-config/types.yaml on %s', (engine) => {
  const replay = async () => {
    const input = join(await temporaryFolder(), 'readings.csv');
    await writeFile(input, READINGS);
    const env = { EDGEWRIGHT__INFERENCE__ENGINE: engine };
    const ended = await cli(['replay', resolve('device-config/types.yaml'), '--input', input], { env });
    expect(ended.stderr).not.toContain('error');
    const all = linesOf<Prediction>(ended);
    return (pipeline: string, asset = 'm1') => all.filter((line) => line.pipeline === pipeline && line.asset === asset);
  };

  it('answers with what the models were declared to say', async () => {
    const of = await replay();
    expect(of('float16').map(({ output }) => output?.value)).toEqual([1.5, 2.75, 0.25, 0.25]);

    expect(of('int64').map(({ output, decision }) => [output?.score, decision])).toEqual([
      [-1, 'normal'],
      [17, 'anomaly'],
      [undefined, 'abstain'],
      [-1_000_000, 'normal'],
    ]);
    expect(of('int64')[2]?.quality.reasons).toEqual(['inference.input-mismatch: count']);

    expect(of('strings').map(({ output }) => output?.value)).toEqual([75, 120, undefined, 150]);

    expect(of('zipmap').map(({ output }) => output?.label)).toEqual(['good', 'worn', 'loose', 'loose']);
    for (const { output } of of('zipmap')) {
      const probabilities = Object.values(output?.probabilities ?? {});
      expect(Object.keys(output?.probabilities ?? {})).toEqual(['good', 'loose', 'worn']);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  it('answers with the label alone where a model has no probabilities, and abstains at one that is not declared', async () => {
    const of = await replay();
    expect(of('label').map(({ output }) => output)).toEqual([{ label: '0' }, { label: '2' }, null, null]);
    expect(of('label')[2]?.quality.reasons).toEqual([
      expect.stringContaining('a label that the manifest does not have'),
    ]);
  });

  it('carries the state of each asset, and begins anew behind a gap', async () => {
    const of = await replay();
    expect(of('recurrent').map(({ output }) => output?.score)).toEqual([6, 4.5, 3.375, 6]);
    expect(of('recurrent', 'm2').map(({ output }) => output?.score)).toEqual([3, 2.25]);
  });
});
