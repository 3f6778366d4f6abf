import type { Logger } from '../../common/core/index.ts';
import { narrowFile, narrowFolder } from '../../common/store/index.ts';
import { type Config, stateFolderOf, tokenFileOf } from '../config/index.ts';

/** The files of a gateway: its two databases with what lies beside them, the ballast, the token. */
const OURS = /^((telemetry|control)\.db([.-].*)?|ballast|http-token)$/;

/** Takes the rights of others from what a gateway keeps on the disk, and says so. */
export function narrowState(config: Config, logger: Logger): void {
  for (const path of new Set([config.outbox.path, stateFolderOf(config)])) {
    const { files, folder } = narrowFolder(path, (name) => OURS.test(name));
    if (files.length > 0 || folder === 'narrowed') {
      const what = { folder: path, files, ...(folder === 'narrowed' ? { folderToo: true } : {}) };
      logger.warn('state was open to other users: now it is to this one alone', what);
    }
    if (folder === 'shared') {
      logger.info('the state folder stays open to others, as it is not the gateway’s alone', { folder: path });
    }
  }
  const token = tokenFileOf(config);
  if (narrowFile(token)) logger.warn('the token was open to other users: make a new one', { file: token });
}
