import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { goOn, toTheEnd } from '../answers.ts';
import { DATA, type Program } from '../program.ts';
import { appendNumbers, configure, must, NUMBERS, numbering, numbers, type Scenario, writeIn } from '../scenario.ts';

/** Runs it until all input is answered and stops it in order. */
export async function runOnce(program: Program, folder: string): Promise<void> {
  const gateway = await program.start(folder);
  try {
    await toTheEnd(gateway);
    await gateway.stop();
  } finally {
    await gateway.kill();
  }
}

/** Ends it without a word once so many predictions are committed. */
export async function killAfter(program: Program, folder: string, committed: number): Promise<void> {
  const gateway = await program.start(folder);
  try {
    await gateway.until('predictions', ({ ledger }) =>
      ledger.some((row) => row.type === 'prediction' && row.committed >= committed),
    );
  } finally {
    await gateway.kill();
  }
}

export const stopped: Scenario = {
  name: 'stopped',
  about: 'A stop in order, without a broker: predictions, an alarm, summaries and events wait.',
  async make(program, folder) {
    await configure(folder, numbering('max'));
    await writeIn(folder, NUMBERS, numbers(105));
    await runOnce(program, folder);
  },
  check({ waiting }) {
    must(waiting.types['prediction'] === 105 && waiting.types['alarm'] === 2, 'all of it waits');
  },
  async goOn(program, folder) {
    await appendNumbers(folder, 10, 105);
    return goOn(program, folder, {}, toTheEnd);
  },
};

export const killed: Scenario = {
  name: 'killed',
  about: 'kill -9 while a file is played: the newest records are in the log alone.',
  async make(program, folder) {
    await configure(folder, numbering(50));
    await writeIn(folder, NUMBERS, numbers(200, 60));
    await killAfter(program, folder, 70);
    must((await stat(join(folder, DATA, 'telemetry.db-wal'))).size > 0, 'there is a log');
  },
  check({ waiting }) {
    must((waiting.types['prediction'] ?? 0) >= 70 && (waiting.types['alarm'] ?? 0) > 0, 'records wait');
  },
};

export const audited: Scenario = {
  name: 'audited',
  about: 'Four starts, the second ended by kill -9, the third and fourth with other configurations.',
  async make(program, folder) {
    await writeIn(folder, NUMBERS, numbers(5));
    await configure(folder, numbering('max'));
    await runOnce(program, folder);
    await appendNumbers(folder, 5, 5);
    await killAfter(program, folder, 10);
    await configure(folder, numbering('max', { overrides: { threshold: { phase: 50 } }, priority: 3 }));
    await runOnce(program, folder);
    await configure(folder, numbering('max', { priority: 3, alarms: {} }), { retain: '24h' });
    await runOnce(program, folder);
  },
  check({ audit, boots }) {
    must((boots as readonly unknown[]).length === 4, 'four boots');
    must((audit as { ok: boolean; entries: number }).ok, 'a chain that is whole');
  },
  async goOn(program, folder) {
    await appendNumbers(folder, 3, 10);
    await configure(folder, numbering('max'));
    return goOn(program, folder, {}, toTheEnd);
  },
};
