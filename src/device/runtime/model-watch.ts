import type { EventRecord } from '../../common/core/index.ts';
import type { Driver } from './driver.ts';

/** Tells once of each model that gave up. A model is known by its digest: one that takes its place is another one. */
export class ModelWatch {
  readonly #driver: Pick<Driver, 'scored'>;
  readonly #tell: (detail: EventRecord['detail']) => void;
  readonly #failed = new Set<string>();

  constructor(driver: Pick<Driver, 'scored'>, tell: (detail: EventRecord['detail']) => void) {
    this.#driver = driver;
    this.#tell = tell;
  }

  tick(): void {
    for (const { pipeline, model } of this.#driver.scored) {
      const { state, restarts } = model.stats();
      const { name, version, digest } = pipeline.identity;
      const key = JSON.stringify([pipeline.name, digest]);
      if (state !== 'failed' || this.#failed.has(key)) continue;
      this.#failed.add(key);
      this.#tell({ pipeline: pipeline.name, model: { name, version, digest }, restarts });
    }
  }
}
