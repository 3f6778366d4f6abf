import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenLinks, linksOf, markdownFiles } from '../support/markdown.ts';

const run = promisify(execFile);
const MOST_BYTES = 8.5e6;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let archive: string;
let root: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifact-'));
  await run('./build.sh', [folder]);
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'));
  archive = join(folder, file);
  await run('tar', ['-xzf', archive, '-C', folder]);
  root = join(folder, file.replace('.tar.gz', ''));
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the unpacked program from another folder, with Node and the shell in PATH and nothing else in its environment. */
async function edgewright(args: readonly string[], command = join(root, 'edgewright'), env = {}): Promise<Ended> {
  const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
  return await run(command, args, { cwd: folder, env: { PATH, ...env } }).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ status: error.code, ...pick(error) }),
  );
}

function pick({ stdout, stderr }: { stdout: string; stderr: string }) {
  return { stdout, stderr };
}

/** Runs it as if it had been built for another Node. */
async function builtFor(change: Readonly<Record<string, string>>): Promise<Ended> {
  const file = join(root, 'dist', 'target.json');
  const original = await readFile(file, 'utf8');
  await writeFile(file, JSON.stringify({ ...JSON.parse(original), ...change }));
  try {
    return await edgewright(['--version']);
  } finally {
    await writeFile(file, original);
  }
}

describe('the archive', () => {
  it('is named after version, machine and Node ABI, and small', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    const machine = `${process.platform}-${process.arch}-node${process.versions.modules}`;
    expect(archive).toBe(join(folder, `edgewright-${version}-${machine}.tar.gz`));
    expect((await stat(archive)).size).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('holds one engine, one addon, models and examples, and no sources or packages', async () => {
    const files = (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    expect(files.filter((file) => /\.(wasm|node)$/.test(file)).sort()).toEqual([
      'dist/ort-wasm-simd-threaded.wasm',
      'native/better_sqlite3.node',
    ]);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'THIRD-PARTY.txt', 'package.json', 'edgewright']));
    expect(files.filter((file) => file.startsWith('device-config/')).length).toBeGreaterThan(0);
    expect(files.filter((file) => /\.ts$|\.py$|node_modules|models\/training/.test(file))).toEqual([]);
  });

  it('has the pages, whose links lead to what is in it; of the others the text stays', async () => {
    const pages = markdownFiles(root);
    const names = pages.map((page) => page.slice(root.length + 1));
    const models = ['FEATURES', 'GOLDEN', 'MANIFEST'].map((page) => `models/${page}.md`);
    const copied = [...markdownFiles('docs'), 'README.md', 'ERRORS.md', ...models];
    expect([...names].sort()).toEqual(copied.sort());
    expect(pages.flatMap((page) => brokenLinks(page, undefined, root).map((link) => `${page}: ${link}`))).toEqual([]);
    const texts = await Promise.all(pages.map((page) => readFile(page, 'utf8')));
    expect(texts.flatMap((text) => linksOf(text)).length).toBeGreaterThan(80);
    const promises = await readFile(join(root, 'docs', 'promises.md'), 'utf8');
    const withLinks = await readFile('docs/promises.md', 'utf8');
    expect(promises).toContain('a broker that forgets,');
    expect(promises).toBe(withLinks.replaceAll(/\[([^\]]+)\]\(\.\.\/test\/[^)\s]+(?: "[^"]+")?\)/g, '$1'));
  });

  it('names the licence of everything that was bundled', async () => {
    const notices = await readFile(join(root, 'THIRD-PARTY.txt'), 'utf8');
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    for (const name of Object.keys(dependencies)) expect(notices).toContain(`\n${name} `);
  });
});

describe('unpacked, on Node alone', () => {
  it('runs from any folder', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await edgewright(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect((await edgewright(['--help'])).stdout).toContain('replay');
  });

  it('runs through symbolic links, relative ones too', async () => {
    const link = join(folder, 'link');
    await symlink(join(root, 'edgewright'), link);
    await symlink('link', join(folder, 'link to link'));
    expect(await edgewright(['--version'], join(folder, 'link to link'))).toMatchObject({ status: 0, stderr: '' });
  });

  it('hands on arguments and exit status', async () => {
    expect(await edgewright(['no such command'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('refuses in plain words', () => {
  it('a Node of another ABI', async () => {
    const { status, stdout, stderr } = await builtFor({ abi: '127', major: '22' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('this build is for Node 22 (ABI 127)');
    expect(stderr).toContain(`is Node ${process.versions.node} (ABI ${process.versions.modules})`);
    expect(stderr).toContain('what to do: Install Node 22');
  });

  it('a Node that is too old', async () => {
    const { status, stderr } = await builtFor({ minimum: '99.1' });
    expect(status).toBe(1);
    expect(stderr).toContain('it needs Node 99.1 or later');
  });

  it('another machine', async () => {
    const { status, stderr } = await builtFor({ arch: 'riscv64' });
    expect(status).toBe(1);
    expect(stderr).toContain(`this build is for ${process.platform}-riscv64`);
  });

  it('a machine without Node', async () => {
    const { status, stderr } = await edgewright(['--version'], undefined, { EDGEWRIGHT_NODE: '/nowhere/node' });
    expect(status).toBe(1);
    expect(stderr).toContain('it needs Node.js');
    expect(stderr).toContain('what to do: install Node.js');
  });
});
