import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openControl } from '../../src/storage/control/index.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewright-control-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('control.db', () => {
  it('gives the newest note back at the next start', () => {
    const path = temporaryFolder();
    const first = openControl({ path });
    expect(first.last).toBeUndefined();
    first.note({ boot: 'a', seq: 1, at: 1000, ledger: '[]' });
    first.note({ boot: 'a', seq: 7, at: 2000.5, ledger: '[1]' });
    first.close();
    const second = openControl({ path });
    expect(second.last).toEqual({ boot: 'a', seq: 7, at: 2000.5, ledger: '[1]' });
    second.close();
  });

  it('is set aside where it is damaged, and begins anew', () => {
    const path = temporaryFolder();
    const first = openControl({ path });
    first.note({ boot: 'a', seq: 1, at: 1000, ledger: '[]' });
    first.close();
    const file = join(path, 'control.db');
    writeFileSync(file, readFileSync(file).fill(0xee, 0, 600));
    const damaged = readFileSync(file);
    const second = openControl({ path });
    expect(second.last).toBeUndefined();
    expect(second.damage).toMatchObject({ file: 'control.db', setAside: `${file}.damaged` });
    second.note({ boot: 'b', seq: 1, at: 2000, ledger: '[]' });
    second.close();
    expect(readFileSync(`${file}.damaged`)).toEqual(damaged);
    const third = openControl({ path });
    expect([third.damage, third.last?.boot]).toEqual([undefined, 'b']);
    third.close();
  });

  it('belongs to one process', () => {
    const path = temporaryFolder();
    const control = openControl({ path });
    expect(() => openControl({ path })).toThrow(expect.objectContaining({ code: 'store.locked' }));
    control.close();
    openControl({ path }).close();
  });
});
