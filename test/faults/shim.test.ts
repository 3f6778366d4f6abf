import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileShim } from './shim.ts';
import { ERRNO, Steering } from './steering.ts';

const shim = compileShim();
/** Odd seeds: a file's fsync carries the folder with it, as on ext4. Both keep nothing that was not synced. */
const JOURNAL = '1';
const STRICT = '6';

describe.skipIf(shim === undefined)('the shim (skipped without a C compiler)', () => {
  let folder: string;
  let root: string;
  let mirror: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgewright-shim-'));
    root = join(folder, 'root');
    mirror = join(folder, 'mirror');
    await mkdir(root);
    await writeFile(join(root, 'old'), 'old');
    await cp(root, mirror, { recursive: true });
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  function run(script: string, env: Record<string, string> = {}) {
    const program = `const fs = require('node:fs'); process.chdir(${JSON.stringify(root)}); ${script}`;
    return spawnSync(process.execPath, ['-e', program], {
      encoding: 'utf8',
      env: { ...process.env, LD_PRELOAD: shim, FAULTS_ROOT: root, FAULTS_REPORT: join(folder, 'report'), ...env },
    });
  }

  const cut = (script: string, at: string, seed: string) =>
    run(script, { FAULTS_AT: at, FAULTS_MIRROR: mirror, FAULTS_SEED: seed });

  it('kills at the n-th time of a point, before or after it is done', async () => {
    const script = "for (const text of ['a', 'b', 'c']) fs.appendFileSync('new', text)";
    for (const [phase, left] of [
      ['before', 'a'],
      ['after', 'ab'],
    ] as const) {
      await rm(join(root, 'new'), { force: true });
      expect(run(script, { FAULTS_AT: `new.write.${phase}:2` }).signal).toBe('SIGKILL');
      expect(await readFile(join(root, 'new'), 'utf8')).toBe(left);
      expect(await readFile(join(folder, 'report'), 'utf8')).toMatch(`new.write.${phase} `);
    }
  });

  it('leaves of a power cut what was synced', async () => {
    const script = `const fd = fs.openSync('old', 'r+'); fs.writeSync(fd, 'NEW', 0); fs.fsyncSync(fd);
      fs.writeSync(fd, 'xyz', 0); fs.writeSync(fd, 'end', 1);`;
    expect(cut(script, 'old.write.after:3', STRICT).signal).toBe('SIGKILL');
    expect(await readFile(join(mirror, 'old'), 'utf8')).toBe('NEW');
    expect(await readFile(join(root, 'old'), 'utf8')).toBe('xend');
  });

  it('loses a new file whose folder was not synced, unless a journal carries both', async () => {
    const script = `const fd = fs.openSync('new', 'w'); fs.writeSync(fd, 'text'); fs.fsyncSync(fd);`;
    cut(script, 'new.sync.after:1', STRICT);
    await expect(readFile(join(mirror, 'new'))).rejects.toThrow('ENOENT');
    cut(script.replace("'new'", "'other'"), 'other.sync.after:1', JOURNAL);
    expect(await readFile(join(mirror, 'other'), 'utf8')).toBe('text');
  });

  it('keeps a file that was put in place with temp, fsync, rename and the folder’s fsync', async () => {
    const script = `const fd = fs.openSync('temp', 'w'); fs.writeSync(fd, 'text'); fs.fsyncSync(fd); fs.renameSync('temp', 'old');
      fs.fsyncSync(fs.openSync('.', 'r'));`;
    cut(script, 'folder.sync.after:1', STRICT);
    expect(await readFile(join(mirror, 'old'), 'utf8')).toBe('text');
  });

  it('lets writes fail, and moves the clock', async () => {
    const steering = new Steering(join(folder, 'steering'));
    steering.set('writeErrno', ERRNO.ENOSPC);
    steering.clockOffset = -1_000 * 3600e3;
    const script = "console.log(Date.now()); fs.writeFileSync('old', 'text')";
    const { stdout, stderr } = run(script, { FAULTS_CONTROL: steering.file });
    steering.close();
    expect(stderr).toMatch('ENOSPC');
    expect(await readFile(join(root, 'old'), 'utf8')).toBe('old');
    expect(Date.now() - Number(stdout)).toBeGreaterThan(999 * 3600e3);
  });
});
