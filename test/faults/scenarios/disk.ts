import { statfsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkLedger, settle } from '../audit.ts';
import { needsRootAnd, system } from '../commands.ts';
import type { Gateway } from '../gateway.ts';
import type { Figures, Scenario } from '../scenario.ts';
import { needsShim } from '../shim.ts';
import { ERRNO, type Steering } from '../steering.ts';
import type { Trial } from '../trial.ts';
import { AT_REST } from './kill.ts';

const SECONDS = { tiny: 1, short: 2, long: 10 } as const;
const TMPFS = '4m';

/** Mounts a file system on the state folder; gone at the end of the trial. */
async function mount(trial: Trial, ...how: readonly string[]): Promise<void> {
  system('mount', ...how, trial.data);
  trial.onEnd(async () => {
    system('umount', '--lazy', trial.data);
  });
}

/** Predictions go on while something is wrong with the disk. */
async function expectPredictions(trial: Trial, gateway: Gateway, what: string): Promise<void> {
  // After kill -9 it answers once more what it had answered, and says nothing twice.
  const made = async () => {
    const [pipeline] = (await gateway.status()).pipelines;
    return (pipeline?.predictions ?? 0) + (pipeline?.suppressed ?? 0);
  };
  const before = await made();
  await delay(1_000);
  const after = await made();
  trial.expect(after > before, `no prediction in a second ${what}: ${before}, then ${after}\n${gateway.log}`);
}

const full: Scenario = {
  name: 'disk-full',
  title: 'a disk of 4 MiB is filled up by another file, and freed again, with and without a link',
  trials: { tiny: 0, short: 1, long: 5 },
  missing: () => needsRootAnd('mount'),
  run: async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    const cable = await trial.cable(broker);
    await trial.setUp({ url: cable.url, config: { state: { path: 'data' } } });
    await mount(trial, '-t', 'tmpfs', '-o', `size=${TMPFS}`, 'none');
    const consumer = await trial.consumer(broker);
    if (random.chance(0.5)) cable.cut();
    const gateway = trial.start();
    await gateway.whenReady();
    await delay(random.int(200, 2_000));
    const filler = join(trial.data, 'filler');
    const end = performance.now() + SECONDS[trial.form] * 1_000;
    do {
      await fill(trial.data, filler);
      await expectPredictions(trial, gateway, 'on a full disk');
      checkLedger(trial, await gateway.status());
    } while (performance.now() < end);
    const killed = random.chance(0.5);
    if (killed) await gateway.kill();
    await rm(filler, { force: true });
    cable.mend();
    if (!killed) await recovered(gateway);
    await gateway.kill();
    return settle(trial, trial.start(AT_REST), consumer, 1);
  },
};

/** It says by itself that nothing can be committed. */
async function expectTrouble(trial: Trial, gateway: Gateway): Promise<void> {
  const { outbox } = await gateway.status();
  trial.expect(outbox.trouble !== null, 'nothing can be committed, and status has no trouble');
}

/** Until nothing is left. */
async function fill(folder: string, file: string): Promise<void> {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail > 0) await writeFile(file, Buffer.alloc(bavail * bsize), { flag: 'a' }).catch(() => undefined);
}

/** It commits again by itself. */
async function recovered(gateway: Gateway): Promise<void> {
  const { seq } = await gateway.status();
  await gateway.until('a commit', (status) => status.seq > seq);
}

/** A gateway under the shim, whose disk fails for some seconds. */
function failing(fail: (steering: Steering, trial: Trial) => void): Scenario['run'] {
  return async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    const steering = trial.steering();
    await trial.setUp({ url: broker.url });
    const consumer = await trial.consumer(broker);
    const gateway = trial.start({ steering });
    await gateway.whenReady();
    await delay(random.int(200, 1_500));
    fail(steering, trial);
    const end = performance.now() + SECONDS[trial.form] * 1_000;
    do await expectPredictions(trial, gateway, 'while the disk fails');
    while (performance.now() < end);
    const killed = random.chance(0.3);
    if (killed) await gateway.kill();
    steering.set('writeErrno', 0);
    steering.set('syncErrno', 0);
    if (!killed) await recovered(gateway);
    await gateway.kill();
    return settle(trial, trial.start({ ...AT_REST, steering }), consumer, 1);
  };
}

const readOnly: Scenario = {
  name: 'disk-read-only',
  title: 'the file system turns read-only (EROFS), and writable again',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: needsShim,
  run: failing((steering) => steering.set('writeErrno', ERRNO.EROFS)),
};

const overQuota: Scenario = {
  name: 'disk-quota',
  title: 'the quota of the gateway’s user is used up (EDQUOT), also at its start, and raised again',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: needsShim,
  run: async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    const steering = trial.steering();
    await trial.setUp({ url: broker.url });
    const consumer = await trial.consumer(broker);
    let gateway = trial.start({ steering });
    await gateway.whenReady();
    await delay(random.int(200, 1_500));
    steering.set('writeErrno', ERRNO.EDQUOT);
    await expectPredictions(trial, gateway, 'beyond the quota');
    await expectTrouble(trial, gateway);
    await gateway.kill();
    gateway = trial.start({ steering });
    await gateway.whenReady();
    await expectPredictions(trial, gateway, 'after a start beyond the quota');
    await expectTrouble(trial, gateway);
    steering.set('writeErrno', 0);
    await recovered(gateway);
    await gateway.kill();
    return settle(trial, trial.start({ ...AT_REST, steering }), consumer, 2);
  },
};

const fullAtStart: Scenario = {
  name: 'disk-full-start',
  title: 'a start on a disk of 4 MiB that is full, after an orderly stop or kill -9',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: () => needsRootAnd('mount'),
  run: async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    await trial.setUp({ url: broker.url, config: { state: { path: 'data' } } });
    await mount(trial, '-t', 'tmpfs', '-o', `size=${TMPFS}`, 'none');
    const consumer = await trial.consumer(broker);
    const filler = join(trial.data, 'filler');
    let gateway = trial.start();
    await gateway.whenReady();
    await delay(random.int(200, 2_000));
    for (const inOrder of [true, false]) {
      if (inOrder) await gateway.terminate();
      else await gateway.kill();
      await fill(trial.data, filler);
      gateway = trial.start();
      await gateway.whenReady();
      await expectPredictions(trial, gateway, `after a start on a full disk, ${inOrder ? 'stopped' : 'killed'} before`);
      await rm(filler, { force: true });
      await recovered(gateway);
    }
    await gateway.kill();
    return settle(trial, trial.start(AT_REST), consumer, 2);
  },
};

const errors: Scenario = {
  name: 'disk-errors',
  title: 'writes or syncs fail with an I/O error for some seconds',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: needsShim,
  run: failing((steering, { random }) => steering.set(random.pick(['writeErrno', 'syncErrno']), ERRNO.EIO)),
};

const STALL_MS = 500;

const stalls: Scenario = {
  name: 'fsync-stalls',
  title: 'each sync takes half a second: no answer waits for it',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: needsShim,
  run: async (trial): Promise<Figures> => {
    const broker = await trial.broker();
    const steering = trial.steering();
    await trial.setUp({ url: broker.url });
    const consumer = await trial.consumer(broker);
    const gateway = trial.start({ steering });
    await gateway.whenReady();
    await delay(SECONDS[trial.form] * 1_000);
    const before = consumer.books.latencies.splice(0);
    steering.set('stallMs', STALL_MS);
    await delay(SECONDS[trial.form] * 2_000);
    await gateway.kill();
    steering.set('stallMs', 0);
    const figures = await settle(trial, trial.start({ ...AT_REST, steering }), consumer, 1);
    const [usual, stalled] = [before, consumer.books.latencies].map((all) => Math.round(quantile(all, 0.99)));
    trial.most('most p99 latency without stalls, ms', usual ?? 0);
    trial.most('most p99 latency with stalls, ms', stalled ?? 0);
    const most = Math.max(STALL_MS / 2, 2 * (usual ?? 0));
    trial.expect((stalled ?? 0) < most, `99 of 100 answers took up to ${stalled} ms, without stalls ${usual} ms`);
    return figures;
  },
};

const IMAGE_MIB = 24;

const remounted: Scenario = {
  name: 'disk-remounted',
  title: 'ext4 finds an error and makes itself read-only; the next start is on the repaired file system',
  trials: { tiny: 0, short: 0, long: 2 },
  missing: () => needsRootAnd('mount', 'mkfs.ext4', 'e2fsck'),
  run: async (trial): Promise<Figures> => {
    const broker = await trial.broker();
    await trial.setUp({ url: broker.url });
    const image = join(trial.folder, 'image');
    await writeFile(image, Buffer.alloc(IMAGE_MIB * 2 ** 20));
    system('mkfs.ext4', '-q', image);
    const options = ['-o', 'loop,errors=remount-ro'];
    system('mount', ...options, image, trial.data);
    trial.onEnd(async () => {
      system('umount', '--lazy', trial.data);
    });
    const device = system('findmnt', '-no', 'SOURCE', trial.data).trim().replace('/dev/', '');
    const consumer = await trial.consumer(broker);
    const gateway = trial.start({ plain: true });
    await gateway.whenReady();
    await delay(trial.random.int(500, 2_000));
    await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, 'fault campaign');
    await expectPredictions(trial, gateway, 'on a read-only file system');
    await gateway.kill();
    system('umount', trial.data);
    // It tells by its status that it repaired something.
    system('sh', '-c', `e2fsck -p -f ${image} >/dev/null || [ $? -le 2 ]`);
    system('mount', ...options, image, trial.data);
    return settle(trial, trial.start({ ...AT_REST, plain: true }), consumer, 1);
  },
};

export const DISK: readonly Scenario[] = [full, fullAtStart, overQuota, readOnly, errors, stalls, remounted];

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
