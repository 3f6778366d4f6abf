import type { EdgewrightError, Logger } from '../../common/core/index.ts';
import { openStorage, type Storage } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import { BUILD_TIME } from './build-date.ts';
import type { Installation } from './package-root.ts';
import { narrowState } from './private-state.ts';

/** Two checkpoints and the writing of one. */
const LEAST_KEPT_MS = 15_000;

export interface StorageDeps {
  readonly installation: Pick<Installation, 'storeWorker' | 'nativeBinding' | 'version'>;
  readonly logger: Logger;
  /** The storage thread is gone; nothing is stored any more. */
  readonly onFailure: (error: EdgewrightError) => void;
}

/** Opens telemetry.db and control.db as the configuration says; what happens to them goes into the log. */
export function openGatewayStorage(config: Config, { installation, logger, onFailure }: StorageDeps): Promise<Storage> {
  narrowState(config, logger);
  const { site, device, outbox, state, pipelines } = config;
  const { path, max, retain, freeFloor, keepAcked, lossWindow } = outbox;
  return openStorage(
    {
      workerUrl: installation.storeWorker,
      nativeBinding: installation.nativeBinding,
      ...{ site, device, path, statePath: state.path, max, retain, freeFloor, lossWindow },
      priorities: Object.fromEntries(Object.entries(pipelines).map(([name, { priority }]) => [name, priority])),
      // A start looks for what was committed since the last checkpoint.
      keepAcked: Math.max(keepAcked, LEAST_KEPT_MS),
      detail: { version: installation.version, node: process.version },
      trustedSince: BUILD_TIME,
    },
    {
      onTrouble: ({ code, message, hint }, attempts) =>
        logger.error('outbox cannot commit', { code, reason: message, hint, attempts }),
      onRecovered: () => logger.info('outbox commits again'),
      onNotice: ({ event, detail }) =>
        event === 'store-corrupt'
          ? logger.error('a file was damaged: what can be read of it is kept', detail)
          : logger.warn('what could be read of a damaged file is brought over', detail),
      onFailure,
    },
  );
}
