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

/**
 * The numbers of a file: they are read again until they are committed, so that none is lost. The end of a trial does not
 * wait for that: an alarm of the last ones may be told when they are read again.
 */
export const FILE_FEED: Fed = {
  alarms: {},
  every: { numbers: SUMMARY_MS },
  tags: {},
  lost: () => [],
  honest: true,
};
