import type { Clock } from '../../common/core/index.ts';
import { encodeRecord } from '../../common/protocol/index.ts';
import type { RecordEffect } from '../../scoring/pipeline/index.ts';
import type { OutboxClient } from '../../storage/outbox/index.ts';
import type { RecordListener } from './driver.ts';
import type { SourceHost } from './source-host.ts';

/** Writes records into the outbox, each with the positions of the sources that it covers. */
export class Recorder {
  outbox: OutboxClient | undefined;
  sources: SourceHost | undefined;
  /** Bytes are counted: summaries go before predictions. */
  metered = false;
  /** Told of each change of an alarm: what it counts must not be forgotten. */
  onAlarm: () => void = () => {};
  readonly #clock: Clock;
  readonly #onRecord: RecordListener | undefined;

  constructor(clock: Clock, onRecord: RecordListener | undefined) {
    this.#clock = clock;
    this.#onRecord = onRecord;
  }

  readonly record = (effect: RecordEffect): void => {
    const { record, urgent, cause } = effect;
    // A position covers predictions and the summaries before them; an alarm may wait for its explanation.
    const covered = cause > 0 && (record.type === 'prediction' || record.type === 'summary');
    if (covered && this.sources?.wasTold(cause)) {
      if (record.type === 'prediction') this.told(cause);
      return;
    }
    this.#onRecord?.(effect);
    const entry = {
      pipeline: record.pipeline,
      type: record.type,
      t: record.t,
      clock: this.#clock.trusted(),
      urgent: urgent || (this.metered && record.type === 'summary'),
      body: encodeRecord(record),
    };
    if (record.type === 'alarm') this.onAlarm();
    if (record.type !== 'prediction' || cause === 0) {
      this.outbox?.append([entry]);
      return;
    }
    this.sources?.decided(cause);
    const [first, ...others] = this.sources?.takeMarks() ?? [];
    this.outbox?.append([entry], first);
    for (const mark of others) this.outbox?.append([], mark);
  };

  /** A window is decided that was told before this start. */
  readonly told = (cause: number): void => {
    this.sources?.decided(cause);
  };

  /** Stores how far the sources have come, also where no window closed for long. */
  mark(): void {
    for (const mark of this.sources?.takeMarks() ?? []) this.outbox?.append([], mark);
  }
}
