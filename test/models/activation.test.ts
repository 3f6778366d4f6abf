import { describe, expect, it } from 'vitest';
import { bundleOf, pack, refusalOf } from './support/fixtures.ts';

const binary = (more: object = {}) => ({
  kind: 'binary',
  tensor: 'probabilities',
  labels: ['failure', 'ok'],
  positive: 'failure',
  ...more,
});
const classes = { kind: 'classes', tensor: 'probabilities', labels: ['broken', 'new', 'worn'] };
const score = { kind: 'score', tensor: 'scores', threshold: 0 };

describe('an answer that the label of the model contradicts is refused by pack', () => {
  it.each([
    [
      'svc',
      'the margin of a support vector machine',
      binary({ activation: 'sigmoid' }),
      /contradicts it in \d+ of \d+/,
    ],
    ['linear_svc', 'a margin without activation', binary(), /not a probability; a logit, a margin .* or votes look so/],
    ['isolation_forest', 'a score that is lower the odder', score, /anomalies above the threshold/],
    ['one_class_svm', 'the same of another detector', score, /anomalies above the threshold/],
    ['random_forest', 'a second sigmoid', binary({ activation: 'sigmoid' }), /they are probabilities already/],
    ['knn', 'a second sigmoid over votes', binary({ activation: 'sigmoid' }), /they are probabilities already/],
    ['three_classes', 'a second softmax', { ...classes, activation: 'softmax' }, /they are probabilities already/],
  ])('%s: %s', async (name, _, target, reason) => {
    const error = await refusalOf(pack(await bundleOf(name, target)));
    expect(error).toMatchObject({ code: 'decision.output-contradicted', path: 'outputs.state' });
    expect(error.message).toMatch(reason);
  });

  it('a sigmoid that the file applies itself, in one column and without a label', async () => {
    const target = { kind: 'binary', tensor: 'p', labels: ['ok', 'failure'] };
    expect(await pack(await bundleOf('sigmoid_column', target))).toMatchObject({ name: 'sigmoid-column' });
    const error = await refusalOf(pack(await bundleOf('sigmoid_column', { ...target, activation: 'sigmoid' })));
    expect(error).toMatchObject({ code: 'pipeline.labels-contradicted', hint: 'Leave `activation` out.' });
    const calibration = { method: 'platt', slope: 2, intercept: -1 };
    expect(
      await pack(await bundleOf('sigmoid_column', { ...target, activation: 'sigmoid', calibration })),
    ).toMatchObject({ name: 'sigmoid-column' });
  });
});

describe('pack takes', () => {
  it.each([
    ['linear_svc', 'a margin whose sign is that of its label', binary({ activation: 'sigmoid' })],
    ['ridge', 'the same of a ridge', binary({ activation: 'sigmoid' })],
    ['sgd', 'two margins, a column a class', binary({ activation: 'sigmoid' })],
    ['isolation_forest', 'a score on the side of its label', { ...score, anomaly: 'below' }],
  ])('%s: %s', async (name, _, target) => {
    expect(await pack(await bundleOf(name, target))).toMatchObject({ digest: expect.any(String) });
  });
});
