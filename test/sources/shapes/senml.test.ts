import { expect, it } from 'vitest';
import { ARRIVAL, shapeReader } from './support.ts';

const read = shapeReader('senml', { topic: 'plant/#' });
const TOPIC = 'plant/gw';
const MAC = 'urn:dev:ow:10e2073a01080063';

// Samples: RFC 8428, 5.1.1 to 5.1.3.
it('a record alone is a value of the device of its name', () => {
  expect(read(TOPIC, [{ n: MAC, u: 'Cel', v: 23.1 }])).toEqual({
    readings: [{ asset: MAC, t: ARRIVAL, values: { value: 23.1 } }],
    reasons: [],
  });
});

it('base fields hold for the records behind them, and those of one time are one reading', () => {
  const pack = [
    { bn: `${MAC}:`, bt: 1_276_020_076, bu: 'A', n: 'voltage', u: 'V', v: 120.1 },
    { n: 'current', v: 1.2 },
    { n: 'current', t: -5, v: 1.3 },
    { n: 'open', vb: true },
    { n: 'mode', vs: 'auto' },
  ];
  expect(read(TOPIC, pack)).toEqual({
    readings: [
      { asset: MAC, t: 1_276_020_076_000, values: { voltage: 120.1, current: 1.2 } },
      { asset: MAC, t: 1_276_020_071_000, values: { current: 1.3 } },
      { asset: MAC, t: 1_276_020_076_000, values: { open: true, mode: 'auto' } },
    ],
    reasons: [],
  });
});

it('small times count from the arrival, which a retained message does not have', () => {
  const pack = [
    { bn: 'a/', bv: 20, n: 't', v: 1, t: -5 },
    { n: 't', v: 2 },
  ];
  expect(read(TOPIC, pack).readings.map(({ t, values }) => [t, values['t']])).toEqual([
    [ARRIVAL - 5000, 21],
    [ARRIVAL, 22],
  ]);
  expect(read(TOPIC, pack, 'retained').reasons).toEqual(['missing-time', 'missing-time']);
});

it('what is wrong is refused by itself', () => {
  expect(read(TOPIC, [7, { bn: 'a:' }, { v: 1, n: 'x' }, { v: 2 }, { v: 'no', n: 'y' }]).reasons).toEqual([
    'unknown-shape',
  ]);
  expect(read(TOPIC, [{ n: 'a', u: 'V' }]).reasons).toEqual(['unknown-shape']);
  expect(read(TOPIC, [{ v: 1 }]).reasons).toEqual(['missing-asset']);
  expect(read(TOPIC, [{ bn: 'a' }]).reasons).toEqual(['no-reading']);
});
