import { join } from 'node:path';
import { readStore } from '../../common/store/index.ts';
import { type ControlOptions, FILE } from './control.ts';
import { MIGRATIONS } from './tables.ts';

/** Contents of control.db without what the machines did. */
export interface ControlInspection {
  readonly schema: number;
  /** Problems of its structure; the rest is empty where there are some. */
  readonly problems: readonly string[];
  readonly checkpoints: { readonly assets: number; readonly bytes: number; readonly head: unknown };
}

/** Looks into control.db while no gateway has it. Undefined where there is no file. Throws store errors. */
export function inspectControl({ path, nativeBinding }: ControlOptions): ControlInspection | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, (store, schema) => {
    const problems = store.quickCheck();
    if (problems.length > 0) return { schema, problems, checkpoints: { assets: 0, bytes: 0, head: null } };
    const sum = 'SELECT count(*), coalesce(sum(length(body)), 0) FROM checkpoint';
    const [assets = 0, bytes = 0] = store.prepare<[], [number, number]>(sum, 'array').get() ?? [];
    const head = store.prepare<[], string>(`SELECT value FROM counter WHERE key = 'checkpoint'`, 'value').get();
    return { schema, problems, checkpoints: { assets, bytes, head: JSON.parse(head ?? 'null') } };
  });
}
