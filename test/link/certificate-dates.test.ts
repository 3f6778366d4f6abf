import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tlsDateProblem } from '../../src/common/link/index.ts';
import { Authority, hasOpenssl } from '../support/certificates.ts';

const DAY = 86_400_000;

describe.runIf(hasOpenssl)('the dates of a certificate (skipped without openssl)', () => {
  let folder: string;
  let authority: Authority;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgewright-dates-'));
    authority = new Authority(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What is said so many ms before its end, of a certificate that lasts so many days. */
  const before = (days: number) => {
    const cert = readFileSync(authority.sign(`lasts-${days}`, days).cert);
    const ends = Date.parse(new X509Certificate(cert).validTo);
    return (left: number) => tlsDateProblem({ cert }, ends - left);
  };

  it('are no problem until three weeks before its end', () => {
    const say = before(365);
    expect(say(21 * DAY + 1)).toBeUndefined();
    expect(say(21 * DAY)).toMatch(/CN=lasts-365 ends on .* in 21 days$/);
    expect(say(DAY)).toMatch(/in 1 day$/);
    expect(say(-1)).toMatch(/has expired on/);
  });

  it('are no problem in the first two thirds of one that is renewed each month', () => {
    const say = before(30);
    expect(say(10 * DAY + 1)).toBeUndefined();
    expect(say(10 * DAY)).toMatch(/in 10 days$/);
  });

  it('are told as not begun where the clock is before them', () => {
    expect(before(365)(400 * DAY)).toMatch(/is not valid before/);
  });
});
