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
  /** From the start of the process to its ready line, ms. */
  readonly readyMs: number;
  status(): Promise<Status>;
  stop(): Promise<void>;
}

export interface Status {
  readonly models: readonly { readonly batches: number; readonly rows: number }[];
  readonly pipelines: readonly { readonly predictions: number; readonly waiting: number }[];
  readonly link: { readonly sent?: { readonly bytes: number } };
  readonly sources: readonly { readonly state: string }[];
  readonly outbox: { readonly pending: number; readonly bytes: number };
}

/** Where a gateway works, and what surrounds its process. */
export interface Place {
  /** Kept at the end; one of its own, which is not, where it is absent. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `edgewright run` as it ships, with the benchmark's model. */
export async function startGateway(
  program: string,
  brokerUrl: string,
  changes: Record<string, unknown> = {},
  { folder: given, env = {} }: Place = {},
): Promise<GatewayProcess> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'edgewright-bench-'));
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
  const began = performance.now();
  const child = spawn(program, ['run', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ready = await firstLine(child);
  const readyMs = performance.now() - began;
  const token = { file: join(folder, 'data/http-token') };
  return {
    pid: child.pid ?? 0,
    readyMs,
    status: () => fetchStatus(ready.http, token.file),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
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
