import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { AuditVerdict } from '../../src/storage/thread/index.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway.ts';
import { BENCH_MODEL } from './support/bundles.ts';
import { cleanup, cli, configFile, linesOf } from './support/cli.ts';

const PIPELINES = { bench: { source: 'rig', model: BENCH_MODEL } };

async function gateway() {
  const port = await freePort();
  const file = await configFile({ pipelines: PIPELINES, http: { port } });
  const folder = join(dirname(file), 'data');
  const start = async () => {
    const process = await GatewayProcess.start(file, { 'http.port': port });
    cleanup(() => process.kill());
    return process;
  };
  return { file, folder, start };
}

async function verify(file: string) {
  const ended = await cli(['audit', 'verify', file, '--json']);
  return { ...ended, verdict: linesOf<AuditVerdict>(ended)[0] };
}

/** The databases and what lies beside them, but for the locks. */
async function contents(folder: string): Promise<[name: string, digest: string][]> {
  const names = (await readdir(folder)).filter((name) => /\.db(-\w+)?$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

function change(folder: string, sql: string): void {
  const database = new Database(join(folder, 'control.db'));
  database.exec(sql);
  database.close();
}

describe('audit verify', () => {
  it('gives the head that status gives, while the gateway runs and after kill -9, and leaves the folder as it was', async () => {
    const { file, folder, start } = await gateway();
    const running = await start();
    const { audit } = await running.status();
    expect(audit?.n).toBeGreaterThan(1);
    const live = await verify(file);
    expect([live.status, live.verdict]).toMatchObject([0, { ok: true, n: audit?.n, head: audit?.head }]);
    await running.kill();
    const before = await contents(folder);
    expect(before.map(([name]) => name)).toContain('control.db-wal');
    const crashed = await verify(file);
    expect([crashed.status, crashed.verdict]).toMatchObject([0, { ok: true, head: audit?.head, compared: true }]);
    expect(await contents(folder)).toEqual(before);
    const shown = await cli(['audit', 'verify', file]);
    expect(shown.stdout).toContain(`head ${audit?.n} ${audit?.head}`);
  });

  it('names the row that was edited, whichever it is and whatever was changed in it', async () => {
    const { file, folder, start } = await gateway();
    for (let round = 0; round < 2; round += 1) await (await start()).terminate();
    const { verdict } = await verify(file);
    const last = verdict?.n ?? 0;
    expect(last).toBeGreaterThan(4);
    const edits = [
      ['at', 'at + 1', 'at - 1'],
      ['event', `event || 'x'`, `substr(event, 1, length(event) - 1)`],
      ['body', `body || ' '`, 'rtrim(body)'],
      ['hash', `'0' || hash`, 'substr(hash, 2)'],
    ];
    for (const n of [1, 3, last]) {
      for (const [column, edit, back] of edits) {
        change(folder, `UPDATE audit SET ${column} = ${edit} WHERE n = ${n}`);
        const ended = await verify(file);
        expect([ended.status, ended.verdict], `${column} of ${n}`).toMatchObject([1, { ok: false, n }]);
        change(folder, `UPDATE audit SET ${column} = ${back} WHERE n = ${n}`);
      }
    }
    expect((await verify(file)).status).toBe(0);
    change(folder, `DELETE FROM audit WHERE n = ${last}`);
    const cut = await verify(file);
    expect([cut.status, cut.verdict]).toMatchObject([1, { n: last, what: expect.stringContaining('missing') }]);
  }, 120_000);

  it('ends with 2 where there is nothing to verify', async () => {
    const { file } = await gateway();
    const { status, stdout, stderr } = await cli(['audit', 'verify', file]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('control.db');
    expect(stderr).toContain('code: cli.no-audit');
  });
});
