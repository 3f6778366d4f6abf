import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Column, weightedSums } from './onnx.ts';

/*
 * Writes the bundles of the fixtures: npx tsx test/frozen/models.ts FOLDER. They are as small as can be and trained on
 * nothing; what counts is that each number of a window shows in the answer.
 */

interface Bundle {
  readonly name: string;
  readonly description: string;
  /** Axes of a row. */
  readonly shape: readonly number[];
  readonly columns: readonly Column[];
  readonly manifest: object;
  /** Edges of the reference bins, by feature and by output. */
  readonly profile?: { readonly features: object; readonly outputs: object };
}

const Y: readonly Column[] = [{ name: 'y', width: 1 }];
const VALUE = { value: { kind: 'regression', tensor: 'y', unit: '1' } };
const TAGS = { a: { unit: '1' }, b: { unit: '1' } };
/** Rolling elements of the bearing that the test recordings of Case Western Reserve University are of. */
const BEARING = { balls: 9, ball: 7.94, pitch: 39.04 };
const IN_BAND = { low: 20, high: 300, segment: 128 };

const bins = (names: readonly string[], edges: readonly number[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        edges,
        distribution: {
          ...{ counts: edges.slice(1).map(() => 0), underflow: 0, overflow: 0, missing: 0 },
          ...{ n: 0, mean: 0, m2: 0, min: null, max: null },
        },
      },
    ]),
  );

const LEVEL_FEATURES = ['a.mean', 'a.max', 'a.slope', 'b.mean'];
const everyFeature = (tags: readonly string[]) => ({
  tags,
  features: [
    ...['mean', 'std', 'min', 'max', 'slope', 'rms', 'peak_to_peak', 'zero_crossings', 'skewness', 'kurtosis'],
    ...['crest_factor', 'shape_factor', 'impulse_factor', 'clearance_factor'],
    { feature: 'lag', samples: 2 },
    { feature: 'rolling_difference', samples: 2 },
    { feature: 'share', of: 2 },
  ],
});

const BUNDLES: readonly Bundle[] = [
  {
    name: 'plain',
    description: 'Answers each reading of two tags.',
    shape: [2],
    columns: Y,
    manifest: {
      tags: TAGS,
      window: { count: 1 },
      input: { tensor: 'x', statistics: [{ tags: ['a', 'b'], features: ['mean'] }] },
      outputs: VALUE,
    },
  },
  {
    name: 'counted',
    description: 'Five readings, every second one, begun anew behind a gap.',
    shape: [5, 2],
    columns: Y,
    manifest: {
      tags: TAGS,
      window: { count: 5, every: 2, maxGap: '30s' },
      input: { tensor: 'x', layout: 'TC', tags: ['a', 'b'], scaling: { offset: [1, 2], scale: [0.5, 4] } },
      outputs: { odd: { kind: 'score', tensor: 'y', threshold: 1, anomaly: 'below' } },
    },
  },
  {
    name: 'tumbling',
    description: 'Ten seconds at a time, with every feature that needs no steady rate.',
    shape: [36],
    columns: Y,
    manifest: {
      tags: { a: { unit: '1', range: [-2, 8], period: '1s' }, b: { unit: '1', period: '2s' } },
      window: { length: '10s' },
      maxMissing: 0.4,
      input: {
        tensor: 'x',
        statistics: [everyFeature(['a']), everyFeature(['b'])],
        derived: { product: { formula: 'a.mean * b.mean' }, ratio: { formula: 'b.max / (1.0 + a.rms)', unit: '1' } },
      },
      outputs: VALUE,
    },
  },
  {
    name: 'hopping',
    description: 'Twenty seconds, every five of them, with a profile and an explanation.',
    shape: [LEVEL_FEATURES.length],
    columns: Y,
    manifest: {
      tags: { a: { unit: '1', period: '1s' }, b: { unit: '1', period: '1s' } },
      window: { length: '20s', every: '5s' },
      maxMissing: 0.5,
      input: {
        tensor: 'x',
        statistics: [
          { tags: ['a'], features: ['mean', 'max', 'slope'] },
          { tags: ['b'], features: ['mean'] },
        ],
      },
      outputs: { odd: { kind: 'score', tensor: 'y', threshold: 1 } },
      explanation: { method: 'occlusion' },
    },
    profile: { features: bins(LEVEL_FEATURES, [-2, -1, 0, 1, 2, 4]), outputs: bins(['odd'], [-2, 0, 1, 2]) },
  },
  {
    name: 'gridded',
    description: 'The same tag on a grid by each of the methods.',
    shape: [11],
    columns: Y,
    manifest: {
      tags: TAGS,
      window: { length: '10s' },
      maxMissing: 0.9,
      input: {
        tensor: 'x',
        statistics: [
          ...['previous', 'nearest', 'linear', 'mean'].map((method) => ({
            tags: ['a'],
            features: [
              { feature: 'mean', as: `${method}_mean` },
              { feature: 'slope', as: `${method}_slope` },
            ],
            grid: { period: '500ms', method, limit: '5s' },
          })),
          { tags: ['b'], features: ['mean', 'std', 'max'], grid: { rate: 1, method: 'none' } },
        ],
      },
      outputs: VALUE,
    },
  },
  {
    name: 'targets',
    description: 'Several targets of every kind, categories, and scaling by operating mode.',
    shape: [5],
    columns: [
      { name: 'number', width: 1 },
      { name: 'logit', width: 1 },
      { name: 'both', width: 2 },
      { name: 'logits', width: 3 },
      { name: 'score', width: 1 },
    ],
    manifest: {
      tags: {
        kind: { unit: 'grade', values: { low: 0, mid: 1, high: 2 }, other: 'mid' },
        mode: { unit: '1', values: { idle: 0, run: 1 } },
        a: { unit: '1', range: [-1, 5] },
        b: { unit: '1' },
      },
      window: { count: 1 },
      input: {
        tensor: 'x',
        statistics: [{ tags: ['kind', 'mode', 'a', 'b'], features: ['mean'] }],
        derived: { load: { formula: 'a.mean / b.mean' } },
        scaling: {
          modes: [
            { name: 'running', when: 'tags.mode == 1.0', offset: [1, 0, 1, 1, 0], scale: [1, 1, 2, 4, 1] },
            { name: 'slow', when: 'tags.a < 1.0', offset: [1, 0, 0, 0, 0], scale: [1, 1, 1, 1, 2] },
          ],
        },
      },
      outputs: {
        number: { kind: 'regression', tensor: 'number', unit: '1', range: [-0.5, 0.5] },
        failure: {
          ...{ kind: 'binary', tensor: 'logit', labels: ['ok', 'failure'], activation: 'sigmoid' },
          calibration: { method: 'platt', slope: 1.5, intercept: -0.25 },
          costs: {
            ...{ unit: 'EUR', normal: 'go_on' },
            actions: { go_on: { ok: 0, failure: 3 }, stop: { ok: 1, failure: 0 }, look: 0.9 },
          },
        },
        worn: {
          ...{ kind: 'binary', tensor: 'both', labels: ['good', 'worn'], activation: 'sigmoid' },
          ...{ threshold: 0.55, abstainBelow: 0.51 },
        },
        state: {
          ...{ kind: 'classes', tensor: 'logits', labels: ['cold', 'warm', 'hot'], activation: 'softmax' },
          calibration: { method: 'temperature', temperature: 0.5 },
          abstainBelow: 0.4,
        },
        odd: { kind: 'score', tensor: 'score', threshold: 0.5 },
      },
    },
  },
  {
    name: 'vibration',
    description: 'A second of vibration with every feature of its spectrum.',
    shape: [13],
    columns: Y,
    manifest: {
      tags: { vibration: { unit: 'm/s2' }, speed: { unit: 'rpm' } },
      window: { length: '1s', every: '500ms' },
      maxMissing: 0.2,
      input: {
        tensor: 'x',
        statistics: [
          {
            tags: ['vibration'],
            features: [
              ...['rms', 'kurtosis', 'std'],
              ...['band_power', 'peak_frequency', 'peak_amplitude'].map((feature) => ({ feature, ...IN_BAND })),
              { feature: 'peak_frequency', ...IN_BAND, rank: 2 },
              ...['spectral_centroid', 'spectral_entropy'].map((feature) => ({ feature, ...IN_BAND })),
              { feature: 'spectral_rolloff', ...IN_BAND, share: 0.9 },
              ...['envelope_amplitude', 'envelope_prominence'].map((feature) => ({
                ...{ feature, defect: 'BPFO', bearing: BEARING, speed: { tag: 'speed' } },
                ...{ low: 20, high: 450, harmonics: 2 },
              })),
            ],
          },
          { tags: ['speed'], features: ['mean'] },
        ],
      },
      outputs: VALUE,
    },
  },
  {
    name: 'resampled',
    description: 'Two channels of vibration, brought to a slower rate within their band.',
    shape: [2, 125],
    columns: Y,
    manifest: {
      tags: { vibration: { unit: 'm/s2' }, axial: { unit: 'm/s2' } },
      window: { length: '500ms' },
      maxMissing: 0.2,
      input: {
        ...{ tensor: 'x', layout: 'CT', tags: ['vibration', 'axial'] },
        grid: { rate: 250, method: 'band_limited' },
      },
      outputs: VALUE,
    },
  },
];

function write(folder: string, { name, description, shape, columns, manifest, profile }: Bundle): void {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'model.onnx'), weightedSums(shape, columns));
  const head = { schema: 'edgewright.manifest/1', name, version: '1.0.0', release: 1, description };
  writeFileSync(join(place, 'manifest.json'), `${JSON.stringify({ ...head, ...manifest }, undefined, 1)}\n`);
  if (profile === undefined) return;
  const whole = { schema: 'edgewright.profile/1', rows: 0, ...profile };
  writeFileSync(join(place, 'profile.json'), `${JSON.stringify(whole)}\n`);
}

const [folder = 'test/frozen/fixtures/models'] = process.argv.slice(2);
for (const bundle of BUNDLES) write(folder, bundle);
// Two that the repository has already: copies, so that these may change.
cpSync('test/faults/model', join(folder, 'numbers'), { recursive: true });
cpSync('models/examples/recurrent', join(folder, 'recurrent'), { recursive: true });
