import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { configIn, type Environment, type Gateway, type LedgerRow, type Program } from './program.ts';
import { countBy, type Digest, digestOf, linesOf, parseLine, toldBy } from './records.ts';

/** What a program says of a state folder that no gateway has. */
export interface Still {
  /** Records that wait, byte for byte. */
  readonly waiting: Digest & { readonly types: Readonly<Record<string, number>> };
  /** The same with what is confirmed and still kept, where anything is. */
  readonly kept?: Digest;
  readonly boots: unknown;
  readonly ledger: readonly LedgerRow[];
  /** Positions of the sources, as of the records that are committed. */
  readonly marks: unknown;
  readonly checkpoints: unknown;
  readonly audit: unknown;
  /** What is wrong with the structure of the files. */
  readonly problems: unknown;
}

/** What a gateway makes of it when it goes on. */
export interface Gone {
  /** Records of the boots before that wait in the end. */
  readonly left: Digest;
  /** As JSON texts. */
  readonly told: readonly string[];
}

export async function still(program: Program, folder: string): Promise<Still> {
  const { telemetry, control, audit } = await supportOf(program, folder);
  const waiting = await exportOf(program, folder);
  const ledger = telemetry['ledger'] as readonly LedgerRow[];
  const confirmed = ledger.some(({ acked }) => acked > 0);
  return {
    waiting: { ...digestOf(waiting), types: countBy(waiting, (line) => JSON.parse(line).type) },
    ...(confirmed && { kept: digestOf(await exportOf(program, folder, '--all')) }),
    ...{ boots: telemetry['boots'], ledger, marks: telemetry['marks'] },
    ...{ checkpoints: control['checkpoints'], audit, problems: [telemetry['problems'], control['problems']] },
  };
}

/** Runs the gateway as far as `work` has it, stops it in order, and looks at what there is then. */
export async function goOn<T>(
  program: Program,
  folder: string,
  env: Environment,
  work: (gateway: Gateway) => Promise<T>,
): Promise<Gone & T> {
  const gateway = await program.start(folder, env);
  try {
    const more = await work(gateway);
    await gateway.stop();
    const lines = await exportOf(program, folder);
    const records = lines.map(parseLine);
    return {
      left: digestOf(lines.filter((_, index) => records[index]?.boot !== gateway.boot)),
      told: toldBy(gateway.boot, records),
      ...more,
    };
  } finally {
    await gateway.kill();
  }
}

/** Every source at its end, and every window decided. */
export async function toTheEnd(gateway: Gateway): Promise<object> {
  const { sources } = await gateway.until('the end of the input', (status) => {
    const ended = status.sources.every(({ state }) => state === 'ended');
    return ended && status.pipelines.every(({ waiting }) => waiting === 0);
  });
  return { readings: Object.fromEntries(sources.map(({ name, readings }) => [name, readings])) };
}

/** Lines as earlier programs wrote them, which named two things of a loss `boot`. */
export async function exportOf(program: Program, folder: string, ...more: string[]): Promise<string[]> {
  const lines = linesOf(await program.tell(folder, ['outbox', 'export', configIn(), ...more]));
  return lines.map((line) => line.replace('"lostBoot":', '"boot":'));
}

type Part = Readonly<Record<string, unknown>>;

/** The parts of a support bundle that tell of the files. */
async function supportOf(program: Program, folder: string): Promise<{ telemetry: Part; control: Part; audit: Part }> {
  const file = join(folder, 'support.tar.gz');
  await program.tell(folder, ['support-bundle', configIn(), '--out', file]);
  const entries = await unpackTar(gunzipSync(await readFile(file)));
  await rm(file);
  const part = (name: string): Part => {
    const entry = entries.find(({ header }) => header.name.endsWith(`/${name}.json`));
    return JSON.parse(new TextDecoder().decode(entry?.data));
  };
  return { telemetry: part('telemetry'), control: part('control'), audit: part('audit') };
}
