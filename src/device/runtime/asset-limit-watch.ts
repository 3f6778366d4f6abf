import type { EventRecord, Logger } from '../../common/core/index.ts';
import type { Driver } from './driver.ts';

/** Tells once of each pipeline that has as many assets as it may have, and refuses others. */
export class AssetLimitWatch {
  readonly #driver: Pick<Driver, 'scored'>;
  readonly #logger: Logger;
  readonly #tell: (detail: EventRecord['detail']) => void;
  readonly #told = new Set<string>();

  constructor(driver: Pick<Driver, 'scored'>, logger: Logger, tell: (detail: EventRecord['detail']) => void) {
    this.#driver = driver;
    this.#logger = logger;
    this.#tell = tell;
  }

  tick(): void {
    for (const { pipeline } of this.#driver.scored) {
      const { name, limit, refused, counts } = pipeline;
      if (counts.tooManyAssets === 0 || this.#told.has(name)) continue;
      this.#told.add(name);
      this.#logger.warn('a pipeline has as many assets as it may have: readings of further ones are refused', {
        ...{ pipeline: name, limit, refused },
        hint: `Are these machines? Raise pipelines.${name}.limits.assets; else narrow pipelines.${name}.assets.`,
      });
      this.#tell({ pipeline: name, limit, refused });
    }
  }
}
