import { expect, it } from 'vitest';
import { OutboxArchive } from '../../src/storage/outbox/index.ts';
import { commitAll, entry, NOW, openCore, optionsFor, temporaryFolder } from './support/outbox.ts';

it('a loss record is exported with its own boot and that of what is lost, each under a name of its own', () => {
  const path = temporaryFolder();
  const first = openCore({ path });
  first.append([entry(1)]);
  commitAll(first);
  first.close(NOW);
  const core = openCore({ path });
  // Of the boot before, and refused by the receiver: a loss of that boot is told by this one.
  const batch = core.claim('backlog', { maxBytes: 1 << 20, maxRecords: 1, gzip: false });
  core.reject(batch?.id ?? 0);
  commitAll(core);
  core.close(NOW);
  const archive = OutboxArchive.open(optionsFor(path));
  const lines = [...archive.pages(false)].flatMap((page) => page.lines);
  archive.close();
  for (const line of lines) expect(line.match(/"boot":/g)).toHaveLength(1);
  const losses = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'loss');
  expect(losses).toEqual([
    expect.objectContaining({ boot: core.opened.boot, lostBoot: first.opened.boot, cause: 'too-large' }),
  ]);
});
