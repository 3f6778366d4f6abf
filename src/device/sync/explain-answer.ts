import type { Explanation } from '../../common/core/index.ts';
import { answering, type CommandAnswer } from './command-answer.ts';

/**
 * Tells which sensors the last answer about an asset rests on, with the window of that answer (ms since the epoch), or
 * why that cannot be told. Never rejects.
 */
export type Explain = (
  pipeline: string,
  asset: string,
) => Promise<(Explanation & { readonly from: number; readonly to: number }) | { readonly reason: string }>;

/** Answers `explain` with what `explain` tells. */
export function explainAnswer(explain: Explain): CommandAnswer {
  return answering('explain', async ({ pipeline, asset }) => {
    const told = await explain(pipeline, asset);
    return 'reason' in told ? { ok: false, ...told } : { ok: true, explanation: told };
  });
}
