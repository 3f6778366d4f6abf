import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { createLink } from '../../src/common/link/index.ts';
import { parseTarget, redact } from '../../src/common/link/target.ts';
import { silent } from './support.ts';

const base = { version: 'auto', clientId: 'c', clean: true, keepalive: 30, maxIncomingBytes: 1000 } as const;

function failure(url: string, tls = {}): EdgewrightError {
  try {
    createLink({ ...base, url, tls }, { logger: silent });
  } catch (error) {
    if (error instanceof EdgewrightError) return error;
  }
  throw new Error('was taken');
}

describe('the address of a broker', () => {
  it('gives host, port and credentials', () => {
    expect(parseTarget('mqtt://me:p%40ss@broker.plant:1884')).toMatchObject({
      host: 'broker.plant',
      port: 1884,
      username: 'me',
      password: 'p@ss',
      secure: undefined,
    });
    expect(parseTarget('mqtt://[::1]')).toMatchObject({ host: '::1', port: 1883 });
    expect(parseTarget('mqtts://broker').port).toBe(8883);
    expect(parseTarget('mqtts://broker').secure).toBeDefined();
  });

  it('is shown without credentials', () => {
    expect(redact('mqtt://me:secret@broker:1884/path')).toBe('mqtt://broker:1884');
    expect(redact('me:secret@broker')).not.toContain('secret');
  });

  it.each(['broker', 'http://me:secret@broker', 'me:secret@broker:1883', 'mqtt://'])('is refused: %s', (url) => {
    const error = failure(url);
    expect(error.code).toBe('link.bad-url');
    expect(error.message).not.toContain('secret');
  });

  it('needs certificates that can be read', () => {
    expect(failure('mqtts://broker', { cert: Buffer.from('no pem') }).code).toBe('link.bad-tls');
  });
});
