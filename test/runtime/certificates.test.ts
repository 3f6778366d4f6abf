import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { configSchema } from '../../src/device/config/index.ts';
import { certificateWarnings } from '../../src/device/runtime/certificates.ts';
import { Authority, hasOpenssl } from '../support/certificates.ts';

it.runIf(hasOpenssl)(
  'status warns of each certificate that ends soon, and of none whose file is gone (skipped without openssl)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgewright-ends-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { cert, key } = new Authority(folder).sign('gateway', 300);
    const config = (tls: object) =>
      configSchema.parse({
        ...{ site: 'lab', device: 'a', pipelines: {} },
        sources: { line: { type: 'mqtt', topic: 'a/{asset}/{tag}', url: 'mqtts://plant.example', tls } },
        uplink: { url: 'mqtts://broker.example', tls },
      });
    const ends = Date.parse(new X509Certificate(readFileSync(cert)).validTo);
    const day = 86_400_000;
    expect(certificateWarnings(config({ cert, key }), ends - 30 * day)).toEqual([]);
    expect(certificateWarnings(config({ cert, key }), ends - 3 * day)).toEqual([
      { path: 'uplink.tls', message: expect.stringContaining('in 3 days') },
      { path: 'sources.line.tls', message: expect.stringContaining('in 3 days') },
    ]);
    expect(certificateWarnings(config({ cert: join(folder, 'gone'), key }), ends)).toEqual([]);
  },
);
