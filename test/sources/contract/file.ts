import type { ContractInput, ContractSuite } from '../contract.ts';
import { folderOf, makeSource } from '../support.ts';

const seconds = (count: number) => Array.from({ length: count }, (_, i) => i);

export const suite: ContractSuite = {
  least: { type: 'file', path: 'data' },
  resumes: true,
  inputs: { csv, 'raw signals': rawSignals, 'a folder of JSON Lines': jsonLines, wide },
};

async function csv(): Promise<ContractInput> {
  const rows = seconds(40).map((i) => `pump-${i % 2},${1714521600 + i},${i / 10},${i}`);
  rows.splice(
    10,
    0,
    'pump-0,soon,1,2',
    'pump-0,1714521600',
    '"pump-0,1714521600,1,2',
    `pump-0,1,${'x'.repeat(5000)},2`,
  );
  const folder = await folderOf({ 'day.csv.gz': `asset,t,flow,speed\n${rows.join('\r\n')}\n\n` });
  const config = {
    type: 'file',
    path: `${folder}/day.csv.gz`,
    asset: '{asset}',
    time: { column: 't', unit: 's' },
    maxLine: '4KB',
    speed: 'max',
  };
  return {
    create: (deps) => makeSource(config, deps),
    count: 40,
    refused: ['bad-time', 'malformed-row', 'malformed-row', 'line-too-long'],
    ends: true,
    grain: 1,
  };
}

async function rawSignals(): Promise<ContractInput> {
  const samples = Float32Array.from({ length: 20_000 }, (_, i) => (i === 3000 ? Number.NaN : i));
  const folder = await folderOf({ 'a.f32': new Uint8Array(samples.buffer, 0, 79_998), 'b.f32': new Uint8Array(8) });
  const config = { type: 'file', path: folder, format: 'f32', rate: 12_000, tags: ['vibration'], speed: 'max' };
  return {
    create: (deps) => makeSource(config, deps),
    count: 21,
    refused: ['non-finite', 'truncated-signal'],
    ends: true,
    grain: 1,
  };
}

async function jsonLines(): Promise<ContractInput> {
  const line = (i: number) => JSON.stringify({ asset: 'a', t: 1e12 + i, values: { x: i } });
  const pair = (i: number) => JSON.stringify([i, i + 1].map((n) => ({ asset: 'b', t: 1e12 + n, values: { x: n } })));
  const folder = await folderOf({
    '1.jsonl': [...seconds(10).map(line), '{', '{"asset":"a","t":1,"values":{"x":[]}}'].slice(0, 11).join('\n'),
    '2.ndjson.gz': seconds(10)
      .map((i) => pair(2 * i))
      .join('\n'),
    'ignored.pdf': '%PDF',
  });
  return {
    create: (deps) => makeSource({ type: 'file', path: folder, speed: 'max' }, deps),
    count: 30,
    refused: ['malformed-json'],
    ends: true,
    grain: 1,
  };
}

async function wide(): Promise<ContractInput> {
  const folder = await folderOf({
    'slow.txt': ['1\t2', '3\t4', '5', '7\t8'].join('\n'),
    'fast.txt.gz': ['1\t2\t3\t4', '5\t6\t7\t8', '9\t10\t11\t12', '13\t14\t15\t16'].join('\n'),
    'profile.txt': 'not a tag',
  });
  const config = {
    type: 'file',
    path: folder,
    format: 'wide',
    asset: 'rig',
    separator: 'tab',
    tags: ['slow', { tag: 'fast', rate: 4 }],
    time: { period: '1s' },
    speed: 'max',
  };
  return {
    create: (deps) => makeSource(config, deps),
    count: 16,
    refused: ['malformed-row'],
    ends: true,
    grain: 1,
  };
}
