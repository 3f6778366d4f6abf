import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNextRoot, readRoot } from '../../src/common/trust/index.ts';
import { Authority, hasOpenssl } from '../support/certificates.ts';
import { benchBundle } from './support/bundles.ts';
import { cli, linesOf, temporaryFolder } from './support/cli.ts';

/** Every command of the page, in its order, without what is said about it. */
async function commandsOfPage(): Promise<string[][]> {
  const page = await readFile('docs/trust.md', 'utf8');
  const lines = [...page.matchAll(/^ {4}edgewright ([^#\n]+)/gm)].map(([, command = '']) => command);
  return lines.map((command) => command.trim().split(/\s+/));
}

it.runIf(hasOpenssl)(
  'the commands of docs/trust.md, in order, go from no key to a gateway whose models are signed (skipped without openssl)',
  async () => {
    const folder = await temporaryFolder();
    const file = (name: string) => join(folder, name);
    await cp(await benchBundle(), file('models/pump'), { recursive: true });
    await writeFile(file('secret.txt'), 'correct horse\n');
    const config = {
      ...{ site: 'lab', device: 'gateway-1', http: { port: 0 }, sources: { rig: { type: 'simulator' } } },
      ...{ pipelines: { p: { source: 'rig', model: 'models/pump' } }, trust: { root: 'identity/root.json' } },
    };
    await writeFile(file('gateway.yaml'), JSON.stringify(config));
    const authority = new Authority(await temporaryFolder());
    const run = (args: readonly string[]) => cli(args, { cwd: folder });
    const commands = await commandsOfPage();
    for (const command of commands) {
      if (command[0] === 'enroll' && command.includes('--cert')) {
        await cp(authority.signRequest(file('identity/device.csr')), file('device.crt'));
      }
      if (command.includes('rotate')) {
        await run(['model', 'keygen', 'dave']);
        const { roles } = linesOf<{ roles: { root: { keys: string[] } } }>(
          await run(['trust', 'show', 'root.json', '--json']),
        )[0] ?? { roles: { root: { keys: [] } } };
        command[command.indexOf('--remove') + 1] = roles.root.keys[0]?.slice(0, 12) ?? '';
      }
      const { status, stderr } = await run(command);
      // The last one says that signatures are missing: one of three holders has signed.
      const missing = command.includes('show') && command.includes('--previous');
      expect({ command, status, stderr }).toEqual({ command, status: missing ? 1 : 0, stderr: '' });
    }
    expect(commands.length).toBeGreaterThan(15);
    expect((await run(['check', 'gateway.yaml'])).status).toBe(0);
    // As the page says, the others sign, too.
    for (const key of ['bob.key', 'carol.key']) {
      const secret = key === 'bob.key' ? ['--passphrase-file', 'secret.txt'] : [];
      expect((await run(['trust', 'sign', 'root-2.json', '--key', key, ...secret])).status).toBe(0);
    }
    const first = readRoot(await readFile(file('root.json')), 'root.json');
    expect(readNextRoot(first, await readFile(file('root-2.json')), 'root-2.json').version).toBe(2);
  },
  120_000,
);

it('a bundle that a deploy key signed is not as the root wants it', async () => {
  const folder = await temporaryFolder();
  const bundle = await benchBundle();
  const run = (...args: string[]) => cli(args, { cwd: folder });
  for (const name of ['a', 'b', 'm', 'd']) await run('model', 'keygen', name);
  const roles = ['--root', 'a.pub', 'b.pub', '--model', 'm.pub', '--deploy', 'd.pub'];
  await run('trust', 'init', 'root.json', ...roles, '--key', 'a.key', 'b.key');
  await run('model', 'pack', bundle);
  for (const [key, status] of [
    ['m.key', 0],
    ['d.key', 1],
  ] as const) {
    await run('model', 'sign', bundle, '--key', key);
    const verified = await run('model', 'verify', bundle, '--root', 'root.json', '--json');
    expect({ key, status: verified.status }).toEqual({ key, status });
  }
}, 60_000);
