import { expect, it } from 'vitest';
import type { AssetCodec } from '../../src/scoring/pipeline/asset/codec.ts';
import { Newcomers } from '../../src/scoring/pipeline/asset/newcomers.ts';
import { Snapshots } from '../../src/scoring/pipeline/asset/snapshots.ts';

it('a name that is heard again stands out of any number of names that are heard once', () => {
  const newcomers = new Newcomers();
  const counts = Array.from({ length: 200_000 }, (_, i) => newcomers.heard(`once-${i}`));
  expect(counts.filter((count) => count >= 3).length).toBeLessThan(20);
  const often = Array.from({ length: 5 }, () => newcomers.heard('pump-1'));
  expect(often.at(-1)).toBeGreaterThanOrEqual(5);
  expect(often.at(-1)).toBeLessThan(8);
});

it('how often a name was heard is forgotten with time', () => {
  const newcomers = new Newcomers();
  for (let i = 0; i < 100; i += 1) newcomers.heard('pump-1');
  for (let i = 0; i < 5 * 16_384; i += 1) newcomers.heard(`once-${i}`);
  expect(newcomers.heard('pump-1')).toBeLessThan(10);
});

it('names of forgotten assets do not pile up where no snapshot is taken', () => {
  const snapshots = new Snapshots({} as AssetCodec);
  for (let i = 0; i < 10_100; i += 1) snapshots.forgotten(`x${i}`);
  snapshots.begin(0, 0);
  expect(snapshots.finish().forgotten).toHaveLength(10_000);
});
