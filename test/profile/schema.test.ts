import { expect, it } from 'vitest';
import { BinnedSummary, profileSchema } from '../../src/common/profile/index.ts';

function profile(change: (series: { edges: number[]; distribution: Record<string, unknown> }) => void = () => {}) {
  const edges = [0, 1, 2];
  const summary = new BinnedSummary(edges);
  for (const value of [0.5, 1.5, 7, Number.NaN]) summary.add(value);
  const series = { edges, distribution: { ...summary.toRecord() } };
  change(series);
  return { schema: 'edgewright.profile/1', rows: 4, features: { 'TS1.mean': series }, outputs: {} };
}

/** Where the first problem lies. */
function problem(input: unknown): string | undefined {
  return profileSchema.safeParse(input).error?.issues[0]?.path.join('.');
}

it('takes what a summary gives', () => {
  expect(profileSchema.parse(profile())).toEqual(profile());
});

it.each([
  ['edges that do not ascend', 'edges.2', (s) => s.edges.splice(0, 3, 0, 2, 2)],
  ['counts for other bins', 'distribution.counts', (s) => s.edges.push(3)],
  ['counts that do not make n', 'distribution.n', (s) => Object.assign(s.distribution, { n: 9 })],
  ['a negative count', 'distribution.underflow', (s) => Object.assign(s.distribution, { underflow: -1 })],
  ['no minimum though there are values', 'distribution.min', (s) => Object.assign(s.distribution, { min: null })],
  ['a minimum above the maximum', 'distribution.min', (s) => Object.assign(s.distribution, { min: 99 })],
] as [string, string, Parameters<typeof profile>[0]][])('refuses %s, and says where', (_, path, change) => {
  expect(problem(profile(change))).toBe(`features.TS1.mean.${path}`);
});

it('refuses another schema', () => {
  expect(problem({ ...profile(), schema: 'edgewright.profile/2' })).toBe('schema');
});
