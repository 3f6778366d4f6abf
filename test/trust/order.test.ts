import { describe, expect, it } from 'vitest';
import { readEnvelope, withSignature, writeEnvelope } from '../../src/common/trust/dsse.ts';
import { afterCommit, afterOrder, afterRoot, readNextRoot, readRoot } from '../../src/common/trust/index.ts';
import { ROOT_TYPE } from '../../src/common/trust/root.ts';
import {
  at,
  codeOf,
  judge,
  lastOf,
  orderData,
  orderedModel,
  ROOT,
  signedOrder,
  TRUST,
  withEntry,
} from './support/orders.ts';
import { HOLDERS, idOf, rootData, signedRoot } from './support/roots.ts';

const first = signedOrder();

describe('an order', () => {
  it('is taken, with its defaults, who approved it, and what is to be remembered', () => {
    const verdict = judge(first);
    expect(verdict).toMatchObject({
      accepted: true,
      repeated: false,
      approvals: [idOf('deployer')],
      issued: Date.UTC(2027, 0, 10),
      last: { root: 1, counter: 5, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      order: {
        pipelines: {
          wear: {
            active: { name: 'pump', release: 7 },
            trial: {
              predictions: 200,
              limit: 86_400_000,
              atLimit: 'rollback',
              errors: 0,
              abstentions: 0.02,
              p99: { times: 1.5 },
            },
            ...{ floor: 0, attempt: 0, gap: false, when: {}, settings: {} },
          },
        },
        together: [],
      },
    });
  });

  it('may be for no pipeline at all', () => {
    expect(codeOf(signedOrder(orderData({ pipelines: {} })))).toBe('accepted');
  });

  it('of which any byte of the payload is another has no approvals', () => {
    const envelope = JSON.parse(first.toString());
    const payload = Buffer.from(envelope.payload, 'base64');
    for (const place of [0, 40, payload.length - 1]) {
      const tampered = Buffer.from(payload);
      tampered[place] = (tampered[place] ?? 0) ^ 1;
      const message = Buffer.from(JSON.stringify({ ...envelope, payload: tampered.toString('base64') }));
      expect(['order.threshold', 'order.malformed']).toContain(codeOf(message));
    }
    const other = Buffer.from(JSON.stringify(orderData({ counter: 6 }))).toString('base64');
    expect(codeOf(Buffer.from(JSON.stringify({ ...envelope, payload: other })))).toBe('order.threshold');
  });

  it('of more than 256 KiB is not even hashed', () => {
    const huge = Buffer.concat([first, Buffer.alloc(256 * 1024, ' ')]);
    expect(judge(huge)).toEqual({
      accepted: false,
      code: 'order.too-large',
      reason: expect.stringContaining('at most 262144 are allowed'),
      digest: '',
    });
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['no JSON', Buffer.from('{"payload":')],
    ['no envelope', Buffer.from('{}')],
    ['levels without end', Buffer.from('['.repeat(100_000))],
  ])('that is %s is malformed', (_what, message) => {
    expect(codeOf(message)).toBe('order.malformed');
  });

  it('that is another kind of signed object is of an unknown type', () => {
    expect(codeOf(signedOrder(orderData(), ['deployer'], ROOT_TYPE))).toBe('order.unknown-type');
    expect(codeOf(signedOrder(orderData(), ['deployer'], 'application/vnd.in-toto+json'))).toBe('order.unknown-type');
    expect(codeOf(signedOrder(orderData({ schema: 'edgewright.order/2', pipelines: 7 })))).toBe('order.unknown-type');
  });

  it('may have fields that nobody knows, but for those that it calls critical', () => {
    expect(codeOf(signedOrder(orderData({ colour: 'red', crit: ['gap', 'maxBytes'] })))).toBe('accepted');
    expect(codeOf(signedOrder(withEntry({ colour: 'red' })))).toBe('accepted');
    expect(codeOf(signedOrder(orderData({ colour: 'red', crit: ['colour'] })))).toBe('order.unknown-field');
    // Also where it cannot be read without them.
    expect(codeOf(signedOrder(orderData({ pipelines: ['new'], crit: ['colour'] })))).toBe('order.unknown-field');
  });

  it.each<[string, Record<string, unknown>]>([
    ['a counter that is not exact', orderData({ counter: 2 ** 53 })],
    ['a counter below zero', orderData({ counter: -1 })],
    ['a counter that is no integer', orderData({ counter: 1.5 })],
    ['no target', orderData({ target: undefined })],
    ['a time that is not in UTC', orderData({ issued: '2027-01-10T00:00:00+01:00' })],
    ['a time that there is not', orderData({ issued: '2027-02-30T00:00:00Z' })],
    ['no expiry', orderData({ expires: undefined })],
    ['an expiry before it begins', orderData({ notBefore: '2027-03-01T00:00:00Z' })],
    ['an expiry before it was issued', orderData({ issued: '2027-03-01T00:00:00Z' })],
    ['a name of a pipeline that there cannot be', orderData({ pipelines: { 'a b': { active: orderedModel() } } })],
    [
      'more pipelines than there may be',
      orderData({
        pipelines: Object.fromEntries(
          Array.from({ length: 65 }, (_, i) => [`p${i}`, { active: orderedModel({ files: [] }) }]),
        ),
      }),
    ],
    ['a pipeline without a model', orderData({ pipelines: { wear: {} } })],
    ['a floor above the release of the same entry', withEntry({ floor: 8 })],
    ['a cap below what it orders', withEntry({ maxBytes: 119_999 })],
    ['a trial without predictions', withEntry({ trial: { predictions: 0 } })],
    ['a limit without end', withEntry({ trial: { limit: '9999d' } })],
    ['pipelines together that have no entry', orderData({ together: [['wear', 'other']] })],
    ['a pipeline together with itself', orderData({ together: [['wear', 'wear']] })],
    ['files of another model', withEntry({ active: orderedModel({ digest: 'a'.repeat(64) }) })],
    ['no files', withEntry({ active: orderedModel({ files: [] }) })],
    ['a release that is no counter', withEntry({ active: orderedModel({ release: 2 ** 53 }) })],
    ['a time of day that there is not', withEntry({ when: { daily: { from: '25:00', to: '04:00' } } })],
  ])('with %s is malformed', (_what, data) => {
    expect(codeOf(signedOrder(data))).toBe('order.malformed');
  });

  const files = orderedModel()['files'] as Record<string, unknown>[];
  it.each<[string, (file: Record<string, unknown>) => Record<string, unknown>[]]>([
    ['leaves the folder', (file) => [{ ...file, path: '../model.onnx' }]],
    ['is absolute', (file) => [{ ...file, path: '/etc/passwd' }]],
    ['lies in a folder', (file) => [{ ...file, path: 'a/b' }]],
    ['comes twice', (file) => [file, file]],
    ['is larger than any file of a bundle', (file) => [{ ...file, length: 2 ** 30 }]],
    ['has a length below zero', (file) => [{ ...file, length: -1 }]],
    ['has blocks of nothing', (file) => [{ ...file, block: 0 }]],
    ['has a longer list of blocks than 1 MiB', (file) => [{ ...file, length: 2 ** 20, block: 31 }]],
    ['has no digest', (file) => [{ ...file, sha256: undefined }]],
    ['is missing: the signature', () => []],
  ])('with a file that %s is malformed', (_what, change) => {
    const changed = files.flatMap((file) => (file['path'] === 'model.sig' ? change(file) : [file]));
    expect(codeOf(signedOrder(withEntry({ active: orderedModel({ files: changed }) })))).toBe('order.malformed');
    expect(codeOf(signedOrder(withEntry({ shadow: orderedModel({ files: changed }) })))).toBe('order.malformed');
  });
});

describe('the device that an order is for', () => {
  it.each([
    ['another site', { site: 'line-2', device: 'press-3' }],
    ['another device', { site: 'line-1', device: 'press-4' }],
    ['another unit of the same name', { site: 'line-1', device: 'press-3', key: 'f'.repeat(64) }],
  ])('is not this one where it names %s', (_what, target) => {
    expect(codeOf(signedOrder(orderData({ target })), { key: 'e'.repeat(64) })).toBe('order.wrong-device');
  });

  it('is a unit with a key, where the order says so', () => {
    const order = signedOrder(orderData({ target: { site: 'line-1', device: 'press-3', key: 'e'.repeat(64) } }));
    expect(codeOf(order, { key: 'e'.repeat(64) })).toBe('accepted');
    expect(codeOf(order)).toBe('order.wrong-device');
  });
});

describe('approvals', () => {
  const two = readRoot(signedRoot(rootData({ deploy: [2, 'deployer', 'approver'] })), 'root');

  it.each<[string, Parameters<typeof signedOrder>[1]]>([
    ['one of two', ['deployer']],
    ['one that approved twice', ['deployer', 'deployer']],
    ['a key that signs models', ['deployer', 'modeller']],
    ['a root key', ['deployer', 'alice']],
    ['a key that nobody knows', ['deployer', 'eve']],
    ['nobody', []],
  ])('of %s are too few', (_what, holders) => {
    expect(codeOf(signedOrder(orderData(), holders), { root: two })).toBe('order.threshold');
  });

  it('of two different keys are enough, and may come later: the same order with more of them is taken', () => {
    const one = readEnvelope(first, 2 ** 18, () => new Error() as never);
    const both = Buffer.from(writeEnvelope(withSignature(one, HOLDERS.approver)));
    expect(codeOf(first, { root: two })).toBe('order.threshold');
    expect(judge(both, { root: two })).toMatchObject({
      accepted: true,
      approvals: [idOf('deployer'), idOf('approver')],
    });
    // Also once it was taken under a lower threshold.
    expect(judge(both, { root: two, last: lastOf(first) })).toMatchObject({ accepted: true, repeated: true });
  });
});

describe('the order of orders', () => {
  const last = lastOf(first);
  const counted = (counter: number, more = {}) => signedOrder(orderData({ counter, ...more }));

  it('takes a higher counter, and no lower one', () => {
    expect(codeOf(counted(6), { last })).toBe('accepted');
    expect(codeOf(counted(4), { last })).toBe('order.rollback');
    expect(codeOf(counted(0), { last })).toBe('order.rollback');
  });

  it('takes the same order again, signed anew or not, and no other one with its counter', () => {
    expect(judge(first, { last })).toMatchObject({ accepted: true, repeated: true, last });
    expect(judge(signedOrder(), { last })).toMatchObject({ accepted: true, repeated: true });
    expect(codeOf(counted(5, { expires: '2027-02-11T00:00:00Z' }), { last })).toBe('order.rollback');
  });

  it('takes the highest counter that there is', () => {
    expect(codeOf(counted(Number.MAX_SAFE_INTEGER), { last })).toBe('accepted');
  });

  it('begins anew under a new root, and nothing of the old one comes back', () => {
    const next = readNextRoot(ROOT, signedRoot(rootData({}, { version: 2 })), 'next');
    const far = { ...TRUST, last: { ...last, counter: Number.MAX_SAFE_INTEGER } };
    const trust = afterRoot(far, next, 0);
    expect(codeOf(counted(0, { root: 2 }), trust)).toBe('accepted');
    expect(codeOf(counted(9), trust)).toBe('order.rollback');
    const after = afterOrder(trust, lastOf(counted(0, { root: 2 }), trust), 0);
    expect(codeOf(counted(9), after)).toBe('order.rollback');
    expect(codeOf(counted(1, { root: 2 }), after)).toBe('accepted');
  });

  it('takes an order that was taken under the old root once more, if the new one lets its keys', () => {
    const same = readNextRoot(ROOT, signedRoot(rootData({}, { version: 2 })), 'next');
    const other = readNextRoot(ROOT, signedRoot(rootData({ deploy: [1, 'approver'] }, { version: 2 })), 'next');
    expect(codeOf(first, { root: same, last })).toBe('accepted');
    expect(codeOf(first, { root: other, last })).toBe('order.threshold');
  });

  it('says that a root is missing, signed by known keys or not', () => {
    expect(codeOf(counted(6, { root: 2 }))).toBe('trust.root-gap');
    expect(codeOf(signedOrder(orderData({ root: 9 }), ['eve']))).toBe('trust.root-gap');
  });
});

describe('the time of an order', () => {
  it('is judged by a clock that is trusted, to the millisecond', () => {
    expect(codeOf(first, { clock: at('2027-01-09T23:59:59.999Z') })).toBe('order.not-yet');
    expect(codeOf(first, { clock: at('2027-01-10T00:00:00Z') })).toBe('accepted');
    expect(codeOf(first, { clock: at('2027-02-09T23:59:59.999Z') })).toBe('accepted');
    expect(codeOf(first, { clock: at('2027-02-10T00:00:00Z') })).toBe('order.expired');
  });

  it('expires for the order that acts, too, and is judged again each time', () => {
    const last = lastOf(first);
    expect(codeOf(first, { last, clock: at('2027-03-01T00:00:00Z') })).toBe('order.expired');
    expect(codeOf(first, { last })).toBe('accepted');
  });

  it('is judged by what was signed while the clock knows nothing', () => {
    const lost = (floor: string) => ({ clock: at('1970-01-01T00:00:00Z', false), timeFloor: Date.parse(floor) });
    expect(codeOf(first, lost('2026-12-01T00:00:00Z'))).toBe('accepted');
    expect(codeOf(first, lost('2027-02-10T00:00:00Z'))).toBe('order.expired');
    // Nothing that was signed says that it is so late.
    const later = signedOrder(orderData({ notBefore: '2027-02-01T00:00:00Z' }));
    expect(codeOf(later, lost('2026-12-01T00:00:00Z'))).toBe('order.not-yet');
    expect(codeOf(later, lost('2027-02-01T00:00:00Z'))).toBe('accepted');
  });

  it('survives a clock that is in 2099 for an hour: nothing of it is remembered', () => {
    expect(codeOf(first, { clock: at('2099-01-01T00:00:00Z') })).toBe('order.expired');
    const trust = afterOrder(TRUST, lastOf(first), Date.parse('2027-01-10T00:00:00Z'));
    expect(trust.timeFloor).toBe(Date.parse('2027-01-10T00:00:00Z'));
    expect(codeOf(signedOrder(orderData({ counter: 6 })), trust)).toBe('accepted');
  });

  it('never goes back by what is remembered', () => {
    expect(afterOrder(TRUST, lastOf(first), 0).timeFloor).toBe(TRUST.timeFloor);
  });

  it('ends with that of the root, by the clock and by when it was issued', () => {
    const long = { expires: '2029-01-01T00:00:00Z' };
    expect(codeOf(signedOrder(orderData(long)), { clock: at('2027-05-31T00:00:00Z') })).toBe('accepted');
    expect(codeOf(signedOrder(orderData(long)), { clock: at('2027-06-01T00:00:00Z') })).toBe('order.expired');
    const late = signedOrder(orderData({ ...long, issued: '2028-01-01T00:00:00Z' }));
    expect(codeOf(late, { clock: at('1970-01-01T00:00:00Z', false) })).toBe('order.expired');
    expect(codeOf(late)).toBe('order.expired');
  });

  it('is driven up by a stolen key as far as the root lasts, and begins anew with the next root', () => {
    const issued = Date.parse('2027-05-31T00:00:00Z');
    const driven = afterOrder({ ...TRUST, clock: at('1970-01-01T00:00:00Z', false) }, lastOf(first), issued);
    expect(codeOf(signedOrder(orderData({ counter: 6 })), driven)).toBe('order.expired');
    const next = readNextRoot(ROOT, signedRoot(rootData({}, { version: 2 })), 'next');
    const cured = afterRoot(driven, next, Date.parse('2026-12-01T00:00:00Z'));
    expect(codeOf(signedOrder(orderData({ counter: 0, root: 2 })), cured)).toBe('accepted');
  });
});

describe('the models of an order', () => {
  it('are signed by a key that the root allows to sign models', () => {
    for (const signer of ['eve', 'deployer', 'alice'] as const) {
      const bad = orderedModel({ signer: idOf(signer) });
      expect(codeOf(signedOrder(withEntry({ active: bad })))).toBe('bundle.signature');
      expect(codeOf(signedOrder(withEntry({ shadow: bad })))).toBe('bundle.signature');
    }
  });

  it('are not below their floor, by name, acting or in shadow', () => {
    const floors = new Map([
      ['pump', 8],
      ['other', 99],
    ]);
    expect(codeOf(first, { floors })).toBe('order.rollback');
    expect(codeOf(first, { floors: new Map([['pump', 7]]) })).toBe('accepted');
    const shadow = withEntry({ active: orderedModel({ release: 9 }), shadow: orderedModel() });
    expect(codeOf(signedOrder(shadow), { floors })).toBe('order.rollback');
  });

  it('have floors that rise with a commit, and fall by a root alone', () => {
    const seven = afterCommit(TRUST, 'pump', 7);
    expect(codeOf(signedOrder(withEntry({ active: orderedModel({ release: 6 }) })), seven)).toBe('order.rollback');
    expect(afterCommit(seven, 'pump', 3).floors.get('pump')).toBe(7);
    const next = readNextRoot(ROOT, signedRoot(rootData({}, { version: 2, floors: { pump: 2, fan: 4 } })), 'next');
    const cured = afterRoot(afterCommit(seven, 'valve', 5), next, 0);
    expect(Object.fromEntries(cured.floors)).toEqual({ pump: 2, fan: 4, valve: 5 });
  });
});
