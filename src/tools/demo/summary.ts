/** How the demo ended, as the last event has it. */
export interface Summary {
  readonly ok: boolean;
  /** Why not. */
  readonly reason?: string;
  readonly seconds: number;
  readonly readings: number;
  readonly predictions: number;
  /** Records that the gateway has committed. */
  readonly committed: number;
  /** Different records that the consumer has. */
  readonly delivered: number;
  readonly duplicates: number;
  /** Records that are committed, and neither with the consumer nor on the gateway. */
  readonly missing: number;
  readonly alarms: number;
  /** Alarms raised where no fault was on. */
  readonly falseAlarms: number;
  readonly faults: number;
  /** Seconds of machine time from the first fault to its alarm; null where none came. */
  readonly detectionDelaySeconds: number | null;
  /** Most records that waited. */
  readonly queuePeak: number;
}

/**
 * Judges whether everything happened that had to. A demo that was interrupted is good in any case.
 *
 * @param complete whether the story came to its end
 * @param drains how often the queue drained
 */
export function judge(complete: boolean, drains: number, figures: Omit<Summary, 'ok' | 'reason'>): Summary {
  const { detectionDelaySeconds, missing } = figures;
  const reasons = [
    ...(detectionDelaySeconds === null ? ['no alarm came for the fault'] : []),
    ...(drains === 0 ? ['the queue did not drain after the link was mended'] : []),
    ...(missing > 0 ? [`${missing} committed records did not arrive`] : []),
  ];
  const ok = !complete || reasons.length === 0;
  return { ok, ...(ok ? {} : { reason: reasons.join('; ') }), ...figures };
}

/** Writes the figures for a person, one below the other. */
export function summaryLines(summary: Summary): string[] {
  const delay = summary.detectionDelaySeconds;
  const detected = delay === null ? 'no alarm' : `alarm ${delay.toFixed(1)} s of machine time after the fault`;
  const rows: [string, string][] = [
    ['readings', `${summary.readings} over MQTT in ${summary.seconds.toFixed(1)} s`],
    ['predictions', String(summary.predictions)],
    ['committed', `${summary.committed} records on the gateway`],
    ['delivered', `${summary.delivered} to the consumer, ${summary.duplicates} duplicates, ${summary.missing} missing`],
    ['queue', `at most ${summary.queuePeak} records waited`],
    ['alarms', `${summary.alarms}, of which ${summary.falseAlarms} without a fault`],
    ['detection', summary.faults === 0 ? 'no fault yet' : detected],
  ];
  return rows.map(([name, text]) => `  ${name.padEnd(12)} ${text}`);
}
