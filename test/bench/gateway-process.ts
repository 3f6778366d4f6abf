import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** Builds the artifact and unpacks it; returns its program. */
export function unpackArtifact(folder: string): string {
  const out = execFileSync(join(ROOT, 'build.sh'), [folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const archive = /\S+\.tar\.gz/.exec(out)?.[0];
  if (archive === undefined) throw new Error(`build.sh names no archive: ${out}`);
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
  return join(folder, 'edgewright');
}

const ROOT = resolve(import.meta.dirname, '../..');

export interface GatewayProcess {
  readonly pid: number;
  status(): Promise<Status>;
  stop(): Promise<void>;
}

export interface Status {
  readonly models: readonly { readonly batches: number; readonly rows: number }[];
  readonly pipelines: readonly { readonly predictions: number; readonly waiting: number }[];
  readonly link: { readonly sent?: { readonly bytes: number } };
  readonly outbox: { readonly pending: number };
}

/** `edgewright run` as it ships, with the benchmark's model, on a folder of its own. */
export async function startGateway(
  program: string,
  brokerUrl: string,
  changes: Record<string, unknown> = {},
): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'edgewright-bench-'));
  const config = {
    site: 'bench',
    device: 'gateway',
    http: { port: 0 },
    sources: { plant: { type: 'mqtt', url: brokerUrl, topic: 'plant/readings' } },
    pipelines: { bench: { source: 'plant', model: join(ROOT, 'test/bench/model') } },
    uplink: { url: brokerUrl },
    outbox: { path: 'data' },
    ...changes,
  };
  const file = join(folder, 'gateway.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(program, ['run', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await firstLine(child);
  const token = { file: join(folder, 'data/http-token') };
  return {
    pid: child.pid ?? 0,
    status: () => fetchStatus(ready.http, token.file),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess): Promise<{ readonly http: string }> {
  if (!child.stdout) throw new Error('the gateway has no stdout');
  const lines = createInterface({ input: child.stdout });
  const exited = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the gateway ended with status ${code}`)),
  );
  const [line] = (await Promise.race([once(lines, 'line'), exited])) as [string];
  return JSON.parse(line) as { http: string };
}

async function fetchStatus(url: string, tokenFile: string): Promise<Status> {
  const token = (await readFile(tokenFile, 'utf8')).trim();
  const response = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as Status;
}
