import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Allowed, settle } from '../audit.ts';
import type { Figures, Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';
import { AT_REST } from './kill.ts';

const ROUNDS = { tiny: 1, short: 2, long: 4 } as const;
/** What is promised for a start on a damaged store. */
const READY_MS = 10_000;
/** The positions of the sources lie in the file that is set aside or gone: readings may be read again. */
const DAMAGED: Allowed = { replay: true };

/** A backlog in a store whose gateway is gone; then damage, a start, and everything must be accounted for. */
function damaged(damage: (trial: Trial) => Promise<void>, inOrder: 'always' | 'never' | 'sometimes'): Scenario['run'] {
  return async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    const cable = await trial.cable(broker);
    await trial.setUp({ url: cable.url, outbox: { keepAcked: '1h' } });
    const consumer = await trial.consumer(broker);
    const rounds = ROUNDS[trial.form];
    for (let count = 0; count < rounds; count += 1) {
      if (random.chance(0.7)) cable.cut();
      const gateway = trial.start();
      await gateway.whenReady();
      await delay(random.int(300, 1_200));
      if (inOrder === 'always' || (inOrder === 'sometimes' && random.chance(0.5))) await gateway.terminate();
      else await gateway.kill();
      await damage(trial);
      cable.mend();
      const began = performance.now();
      const next = trial.start();
      await next.whenReady();
      const tookMs = Math.round(performance.now() - began);
      trial.most('longest start, ms', tookMs);
      trial.expect(tookMs < READY_MS, `it took ${tookMs} ms to be ready after the damage`);
      await delay(random.int(0, 500));
      await next.kill();
    }
    const figures = await settle(trial, trial.start(AT_REST), consumer, rounds, DAMAGED);
    for (const [event, count] of consumer.books.events) trial.note(`${event} events`, count);
    return figures;
  };
}

async function flip(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8() ^ 0x41);
    await handle.write(byte, 0, 1, at);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A byte anywhere; where the file is empty there is nothing to damage. */
async function flipAnywhere(trial: Trial, name: string): Promise<void> {
  const file = join(trial.data, name);
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size === 0) trial.note(`no ${name} to damage`);
  else await flip(file, trial.random.int(0, size - 1));
}

const PAYLOAD = '"type":"prediction"';

async function flipRow(trial: Trial): Promise<void> {
  const name = trial.random.pick(['telemetry.db', 'telemetry.db-wal']);
  const bytes = await readFile(join(trial.data, name)).catch(() => Buffer.alloc(0));
  const places: number[] = [];
  for (let at = bytes.indexOf(PAYLOAD); at >= 0; at = bytes.indexOf(PAYLOAD, at + 1)) places.push(at);
  if (places.length === 0) trial.note('no row to damage');
  else await flip(join(trial.data, name), trial.random.pick(places) + trial.random.int(0, 200));
}

async function remove(trial: Trial, ...names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(trial.data, name), { force: true });
}

const TELEMETRY = ['telemetry.db', 'telemetry.db-wal', 'telemetry.db-shm'];
const CONTROL = ['control.db', 'control.db-wal', 'control.db-shm'];

const flippedPage: Scenario = {
  name: 'flip-page',
  title: 'one byte of telemetry.db is another one',
  trials: { tiny: 1, short: 1, long: 4 },
  run: damaged((trial) => flipAnywhere(trial, 'telemetry.db'), 'sometimes'),
};

const flippedRow: Scenario = {
  name: 'flip-row',
  title: 'one byte of a record’s content is another one',
  trials: { tiny: 0, short: 1, long: 4 },
  run: damaged(flipRow, 'never'),
};

const flippedLog: Scenario = {
  name: 'flip-wal',
  title: 'one byte of the write-ahead log is another one',
  trials: { tiny: 0, short: 1, long: 5 },
  run: damaged((trial) => flipAnywhere(trial, 'telemetry.db-wal'), 'never'),
};

const flippedControl: Scenario = {
  name: 'flip-control',
  title: 'one byte of control.db or of its log is another one',
  trials: { tiny: 0, short: 1, long: 4 },
  run: damaged((trial) => flipAnywhere(trial, trial.random.pick(['control.db', 'control.db-wal'])), 'never'),
};

const gone: Scenario = {
  name: 'file-gone',
  title: 'telemetry.db, its log, or control.db is deleted between two starts',
  trials: { tiny: 0, short: 1, long: 5 },
  run: damaged(async (trial) => {
    const names = trial.random.pick([TELEMETRY, ['telemetry.db-wal'], CONTROL]);
    trial.note(`${names[0]} deleted`);
    await remove(trial, ...names);
  }, 'sometimes'),
};

const deleted: Scenario = {
  name: 'file-deleted',
  title: 'telemetry.db is deleted under the running gateway, which is killed later',
  trials: { tiny: 0, short: 1, long: 4 },
  run: async (trial): Promise<Figures> => {
    const broker = await trial.broker();
    await trial.setUp({ url: broker.url });
    const consumer = await trial.consumer(broker);
    const rounds = ROUNDS[trial.form];
    for (let count = 0; count < rounds; count += 1) {
      const gateway = trial.start();
      await gateway.whenReady();
      await delay(trial.random.int(300, 1_000));
      await remove(trial, ...TELEMETRY);
      await delay(trial.random.int(300, 2_000));
      if (gateway.running) await gateway.kill();
    }
    return settle(trial, trial.start(AT_REST), consumer, rounds, DAMAGED);
  },
};

export const DAMAGE: readonly Scenario[] = [flippedPage, flippedRow, flippedLog, flippedControl, gone, deleted];
