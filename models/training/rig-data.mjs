/**
 * Writes runs of the simulated pump rig, one JSON object a line, for rig_anomaly.py:
 *
 *     node --import tsx models/training/rig-data.mjs OUT.jsonl
 *
 * A run: {"set", "asset", "seed", "seconds", "fault"?: {"fault", "tag"?, "severity", "at"}, "modes": one letter a second,
 * "values": {tag: [every sample]}}. Every asset is a pump of its own, so no pump is in two sets.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createRandom } from '../../src/scoring/sources/simulator/random.ts';
import { createRig } from '../../src/scoring/sources/simulator/rig.ts';
import { RIG_TAG_NAMES, RIG_TICK } from '../../src/scoring/sources/simulator/tags.ts';

const SEED = 20240;
const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Healthy pumps by set: how many, and for how long in s. */
const HEALTHY = {
  train: { pumps: 120, seconds: 20 * MINUTE },
  calibration: { pumps: 48, seconds: 2 * HOUR },
  test: { pumps: 48, seconds: 2 * HOUR },
};

/** Faults of the set `faults`; each befalls so many pumps, after a time at which the pump may be in any mode. */
const PUMPS_PER_FAULT = 30;
const FAULT_RUN = { seconds: 6 * MINUTE, earliest: 1 * MINUTE, latest: 3 * MINUTE };
const FAULTS = [
  ...['bearing-wear', 'cavitation', 'leak'].flatMap((fault) => [0.5, 1].map((severity) => ({ fault, severity }))),
  ...RIG_TAG_NAMES.map((tag) => ({ fault: 'stuck-sensor', tag, severity: 1 })),
];

function simulate(set, index, seconds, fault) {
  const asset = `${set}-${index}`;
  const rig = createRig({ seed: SEED, asset, start: 0, faults: fault ? [fault] : [] });
  const values = Object.fromEntries(RIG_TAG_NAMES.map((tag) => [tag, []]));
  let modes = '';
  for (let tick = 0; tick < (seconds * 1000) / RIG_TICK; tick += 1) {
    if (rig.t % 1000 === 0) modes += rig.mode[0];
    const reading = rig.next();
    for (const tag in reading.values) values[tag].push(reading.values[tag]);
  }
  return { set, asset, seed: SEED, seconds, ...(fault ? { fault } : {}), modes, values };
}

function* runs() {
  for (const [set, { pumps, seconds }] of Object.entries(HEALTHY)) {
    for (let index = 0; index < pumps; index += 1) yield simulate(set, index, seconds);
  }
  const random = createRandom(`${SEED}/faults`);
  for (const [kind, fault] of FAULTS.entries()) {
    for (let pump = 0; pump < PUMPS_PER_FAULT; pump += 1) {
      const at = 1000 * Math.floor(random.between(FAULT_RUN.earliest, FAULT_RUN.latest));
      yield simulate('faults', kind * PUMPS_PER_FAULT + pump, FAULT_RUN.seconds, { ...fault, at });
    }
  }
}

const path = process.argv[2];
if (path === undefined) {
  console.error('usage: node --import tsx models/training/rig-data.mjs OUT.jsonl');
  process.exit(2);
}
const out = createWriteStream(path);
let count = 0;
for (const run of runs()) {
  if (!out.write(`${JSON.stringify(run)}\n`)) await once(out, 'drain');
  count += 1;
}
out.end();
await once(out, 'close');
console.error(`${count} runs in ${path}`);
