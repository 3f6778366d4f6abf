import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadToken, readToken } from '../../src/common/http/index.ts';
import { fillUp, isRoot, smallDisk } from '../outbox/support/disk.ts';
import { unprivileged } from '../support/unprivileged.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewright-token-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a token of our own', () => {
  it('is made at first, for this user’s eyes alone, in a folder that may not be there yet', async () => {
    const file = join(folder, 'state/deep/http-token');
    const token = loadToken(file, true);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is kept', async () => {
    const file = join(folder, 'http-token');
    const token = loadToken(file, true);
    expect(loadToken(file, true)).toBe(token);
    expect((await readFile(file, 'utf8')).trim()).toBe(token);
  });

  it('is another one elsewhere', () => {
    expect(loadToken(join(folder, 'a'), true)).not.toBe(loadToken(join(folder, 'b'), true));
  });

  it.each([
    ['is empty', ''],
    ['has its length and no content yet', '\0'.repeat(65)],
  ])('is made again where the power failed in the middle: the file %s', async (_, left) => {
    const file = join(folder, 'http-token');
    await writeFile(file, left);
    const token = loadToken(file, true);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(loadToken(file, true)).toBe(token);
  });

  it('that cannot be written is what the world does not let us', async () => {
    await writeFile(join(folder, 'file'), '');
    const expected = { code: 'web.token-not-written', kind: { exit: 1 } };
    for (const below of ['file/http-token', 'file/deep/http-token']) {
      expect(thrown(() => loadToken(join(folder, below), true))).toMatchObject(expected);
    }
    await unprivileged(async () => {
      expect(thrown(() => loadToken(join(folder, 'http-token'), true))).toMatchObject(expected);
    });
  });
});

describe.skipIf(!isRoot)('a token on a disk without room (skipped where mounting is not allowed)', () => {
  it('is made all the same, told, and made anew by the next start with room', () => {
    const disk = smallDisk('1m');
    fillUp(disk);
    const file = join(disk, 'http-token');
    expect(thrown(() => loadToken(file, true))).toMatchObject({ code: 'web.token-not-written' });
    const told: string[] = [];
    const token = loadToken(file, true, ({ code }) => told.push(code));
    expect([token.length, told]).toEqual([64, ['web.token-not-written']]);
    rmSync(join(disk, 'filler'));
    const next = loadToken(file, true);
    expect(next).not.toBe(token);
    expect(loadToken(file, true)).toBe(next);
  });
});

describe('a token that the operator names', () => {
  it('is what the file holds, without blanks around', async () => {
    const file = join(folder, 'token');
    await writeFile(file, ' secret \n');
    expect(loadToken(file, false)).toBe('secret');
  });

  it.each<[string, string | Uint8Array]>([
    ['a byte order mark', '\uFEFFsecret\r\n'],
    ['UTF-16', Buffer.from('\uFEFFsecret\r\n', 'utf16le')],
  ])('is read without %s, by gateway and commands alike', async (_what, content) => {
    const file = join(folder, 'token');
    await writeFile(file, content);
    expect([loadToken(file, false), readToken(file)]).toEqual(['secret', 'secret']);
  });

  it.each([
    ['a\nb\n', 'has 2 lines'],
    ['', 'is empty'],
    ['pä', 'no HTTP header'],
  ])('says what is wrong with %j', async (content, says) => {
    const file = join(folder, 'token');
    await writeFile(file, content);
    expect(String(thrown(() => loadToken(file, false)))).toContain(says);
  });

  it('is never made', async () => {
    const file = join(folder, 'token');
    expect(thrown(() => loadToken(file, false))).toMatchObject({ code: 'web.token-unreadable', kind: { exit: 2 } });
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  it.each(['\n', '\0\0\0\n'])('that says nothing is refused: everybody would know it', async (text) => {
    const file = join(folder, 'token');
    await writeFile(file, text);
    expect(thrown(() => loadToken(file, false))).toMatchObject({ code: 'web.token-unreadable' });
  });
});
