import type { AlarmAudit } from './alarms.ts';
import type { SummaryAudit } from './summaries.ts';
import type { WindowAudit } from './windows.ts';

/** What the campaign knows of what it fed, and of what pipelines make of it. */
export interface Fed
  extends Pick<AlarmAudit, 'alarms' | 'honest'>,
    Pick<SummaryAudit, 'every'>,
    Pick<WindowAudit, 'tags' | 'lost'> {}

/** Event time of one summary of the numbers. */
export const SUMMARY_MS = 300_000;

/** The numbers of a file: they are read again until they are committed, so that none is lost. */
export const FILE_FEED: Fed = {
  alarms: { numbers: ['late'] },
  every: { numbers: SUMMARY_MS },
  tags: {},
  lost: () => [],
  honest: true,
};
