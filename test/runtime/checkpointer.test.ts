import { expect, it } from 'vitest';
import { silentLogger } from '../../src/common/observability/index.ts';
import { full } from '../../src/common/store/index.ts';
import { Checkpointer, type CheckpointerDeps } from '../../src/device/runtime/checkpointer.ts';
import type { CheckpointHead, CheckpointRow } from '../../src/storage/control/index.ts';

type Store = CheckpointerDeps['store'];

/** control.db as a disk that answers when it is told to. */
class Disk implements Store {
  readonly rounds: { readonly head: CheckpointHead; readonly rows: CheckpointRow[] }[] = [];
  readonly chunks: number[] = [];
  readonly #waiting: ((failure?: Error) => void)[] = [];
  #rows: CheckpointRow[] = [];

  readonly forgotten: (readonly [string, string])[] = [];

  forgetAssets = async (assets: Parameters<Store['forgetAssets']>[0]) => {
    this.forgotten.push(...assets);
  };

  async addToCheckpoint(_round: number, rows: readonly CheckpointRow[]): Promise<number> {
    await this.#turn();
    this.chunks.push(rows.length);
    this.#rows.push(...rows);
    return 0;
  }

  async completeCheckpoint(head: CheckpointHead): Promise<void> {
    await this.#turn();
    this.rounds.push({ head, rows: this.#rows });
    this.#rows = [];
  }

  /** Lets everything that waits, and what follows from it, go through; the first fails where a failure is given. */
  async spin(failure?: Error): Promise<void> {
    for (let turns = 0; turns < 20; turns += 1) {
      this.#waiting.shift()?.(turns === 0 ? failure : undefined);
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((failure) => (failure ? reject(failure) : resolve()));
    });
  }
}

function setting(disk = new Disk()) {
  const time = { now: 0 };
  const asked = { snapshots: 0 };
  let row = 0;
  const checkpointer = new Checkpointer({
    store: disk,
    pipelines: () => ['p', 'q'],
    snapshot: () => {
      asked.snapshots += 1;
    },
    positions: () => ({ file: `row ${row}` }),
    committed: () => ({ boot: 'b', seq: row }),
    round: 6,
    clock: { now: () => time.now, monotonic: () => time.now, trusted: () => true },
    logger: silentLogger,
  });
  const pass = (ms: number) => {
    time.now += ms;
    row += 1;
    checkpointer.tick();
  };
  const body = (size: number) => new Uint8Array(size);
  return { disk, checkpointer, pass, asked, body };
}

it('writes one moment of all pipelines, with the positions of that moment, once each has told its part', async () => {
  const { disk, checkpointer, pass, body } = setting();
  pass(5_000);
  checkpointer.taken('p', [{ asset: 'a', body: body(10) }]);
  await disk.spin();
  expect(disk.rounds).toEqual([]);
  checkpointer.taken('q', []);
  await disk.spin();
  expect(disk.rounds.map(({ head }) => head)).toEqual([
    { round: 7, boot: 'b', seq: 1, positions: { file: 'row 1' }, clean: false },
  ]);
});

it('deletes what pipelines have forgotten, also where it was never written', async () => {
  const { disk, checkpointer, pass, body } = setting();
  pass(5_000);
  checkpointer.taken('p', [{ asset: 'a', body: body(10) }]);
  checkpointer.taken('q', []);
  await disk.spin(full('control.db', 'no space'));
  pass(5_000);
  checkpointer.taken('p', [{ asset: 'b', body: body(10) }], ['a', 'x']);
  checkpointer.taken('q', []);
  await disk.spin();
  expect(disk.forgotten).toEqual([
    ['p', 'a'],
    ['p', 'x'],
  ]);
  expect(disk.rounds.map(({ rows }) => rows.map(({ asset }) => asset))).toEqual([['b']]);
});

it('leaves rounds out while the disk has not written the last one', async () => {
  const { disk, checkpointer, pass, asked, body } = setting();
  pass(5_000);
  checkpointer.taken('p', [{ asset: 'a', body: body(10) }]);
  checkpointer.taken('q', []);
  for (let round = 0; round < 10; round += 1) pass(5_000);
  expect(asked.snapshots).toBe(1);
  await disk.spin();
  pass(5_000);
  expect(asked.snapshots).toBe(2);
});

it('writes what a full disk did not take with the next round', async () => {
  const { disk, checkpointer, pass, body } = setting();
  pass(5_000);
  checkpointer.taken('p', [{ asset: 'a', body: body(10) }]);
  checkpointer.taken('q', []);
  await disk.spin(full('control.db', 'no space'));
  expect(disk.rounds).toEqual([]);
  pass(5_000);
  checkpointer.taken('p', [{ asset: 'b', body: body(10) }]);
  checkpointer.taken('q', []);
  await disk.spin();
  expect(disk.rounds.map(({ rows }) => rows.map(({ asset }) => asset))).toEqual([['a', 'b']]);
});

it('cuts a round into small transactions, and comes less often the more there is to write', async () => {
  const { disk, checkpointer, pass, asked, body } = setting();
  pass(5_000);
  const assets = Array.from({ length: 10 }, (_, index) => ({ asset: `${index}`, body: body(100 * 1024) }));
  checkpointer.taken('p', assets);
  checkpointer.taken('q', []);
  await disk.spin();
  expect(disk.chunks).toEqual([3, 3, 3, 1]);
  pass(10_000);
  expect(asked.snapshots).toBe(1);
  pass(6_000);
  expect(asked.snapshots).toBe(2);
});

it('begins a round soon after an alarm changed', async () => {
  const { checkpointer, pass, asked } = setting();
  pass(1_000);
  expect(asked.snapshots).toBe(0);
  checkpointer.soon();
  pass(1);
  expect(asked.snapshots).toBe(1);
});

it('writes nothing where nothing changed, and the last round all the same', async () => {
  const { disk, checkpointer, asked } = setting();
  const stopped = checkpointer.stop();
  await disk.spin();
  for (const pipeline of ['p', 'q']) checkpointer.taken(pipeline, []);
  await disk.spin();
  await stopped;
  expect(asked.snapshots).toBe(1);
  expect(disk.rounds.map(({ head }) => head.clean)).toEqual([true]);
});
