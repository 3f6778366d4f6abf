import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../src/tools/cli/index.ts';
import { configFile } from './support/cli.ts';
import { collector } from './support/collector.ts';

const STATUS = {
  ...{ site: 'lab', device: 'gateway-1', boot: 'a'.repeat(32), engine: 'wasm', uptimeMs: 1 },
  outbox: {
    bytes: 1,
    cap: 2,
    pending: 3,
    hoursLeft: null,
    limit: 'cap',
    level: 0,
    next: null,
    stalled: 0,
    trouble: null,
    uncommitted: { records: 0, bytes: 0, since: null },
  },
  ...{ models: [], sources: [], pipelines: [] },
};
const HOSTILE = 'x\x1b[31m\x9b2J\u202egnp\n';

/** What `status` writes of a gateway that answers so. */
async function shown(answer: object, { tty = false } = {}): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stdout = Object.assign(collector(), { isTTY: tty });
  const env = { EDGEWRIGHT_TOKEN: 'x' };
  expect(await runProgram(['status', await configFile({ http: { port } })], { stdout, stderr: collector(), env })).toBe(
    0,
  );
  return stdout.text();
}

describe('status, of the link', () => {
  it('says why there is none, and when it is tried again', async () => {
    const link = { state: 'waiting', reason: 'mqtt://b: closed by the broker: Not authorized', retryInMs: 12_000 };
    expect(await shown({ ...STATUS, link })).toMatch(
      /^link +waiting, next attempt in 12\.0 s\n +mqtt:\/\/b: closed by the broker: Not authorized$/m,
    );
  });

  it('says what the broker lacks, and who else has the identity', async () => {
    const link = { state: 'connected', version: '5', without: ['no retained messages'], identityConflict: true };
    expect(await shown({ ...STATUS, link })).toMatch(
      /^link +connected \(MQTT 5\)\n +another device has the same identity\n +no retained messages$/m,
    );
  });

  it('says which certificates end soon', async () => {
    const certificates = [{ path: 'uplink.tls', message: 'the certificate of CN=x ends on 1 May, in 3 days' }];
    const text = await shown({ ...STATUS, link: { state: 'connected' }, certificates });
    expect(text).toMatch(/^ +uplink\.tls: the certificate of CN=x ends on 1 May, in 3 days$/m);
  });

  it('has nothing to say where there is no uplink', async () => {
    expect(await shown({ ...STATUS, link: { state: 'none' } })).toMatch(/^link +none$/m);
  });
});

describe('status, of what is hostile', () => {
  const link = { state: 'waiting', reason: HOSTILE };
  const source = { name: HOSTILE, type: 'mqtt', state: HOSTILE, readings: 1, rejected: { [HOSTILE]: 1 } };

  it('lets nothing steer a pipe', async () => {
    const text = await shown({ ...STATUS, link, sources: [source] });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text.match(/\\u001b\[31m\\u009b2J\\u202egnp\\u000a/g)).toHaveLength(4);
  });

  it('lets nothing steer a terminal but the styles of its own', async () => {
    const text = await shown({ ...STATUS, link, sources: [source] }, { tty: true });
    expect(text).toContain('\x1b[33mwaiting\x1b[39m');
    for (const foreign of ['\x1b[31m', '\x9b', '\u202e']) expect(text).not.toContain(foreign);
  });
});
