import { EdgewrightError } from '../../common/core/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import { rootExpired } from '../../common/trust/index.ts';
import type { Config } from '../../device/config/index.ts';
import { readRootFile } from '../../scoring/registry/index.ts';

const PATH = 'trust.root';

/** What is wrong with the root, and what models can be checked against: nothing, where it cannot be read. */
export async function checkTrust(
  { trust }: Config,
  now: number,
): Promise<{ readonly trust: Config['trust']; readonly problems: Problem[] }> {
  if (trust.root === undefined) return { trust, problems: [] };
  try {
    const { expires } = await readRootFile(trust.root);
    return { trust, problems: expires > now ? [] : [expired(trust.root, expires)] };
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const { code, message, hint, kind } = error;
    const exit = kind.exit === 1 ? { exit: 1 as const } : {};
    return { trust: {}, problems: [{ severity: 'error', path: PATH, code, message, hint, ...exit }] };
  }
}

/** A warning: what acts goes on, and only what would begin to act is blocked. */
function expired(root: string, expires: number): Problem {
  const { code, hint } = rootExpired.kind;
  const message = `${root}: has expired on ${new Date(expires).toISOString()}; no order is taken under it`;
  return { severity: 'warning', path: PATH, code, message, hint };
}
