import { type Clock, Listeners, RECORD_KINDS } from '../../common/core/index.ts';
import { encodeRecord } from '../../common/protocol/index.ts';
import type { RecordEffect } from '../../scoring/pipeline/index.ts';
import type { OutboxClient } from '../../storage/thread/index.ts';
import type { RecordSink } from './driver.ts';
import type { Positions } from './positions.ts';

export interface RecorderDeps {
  readonly outbox: Pick<OutboxClient, 'append'>;
  readonly positions: Positions;
  readonly clock: Clock;
  /** Bytes are counted: summaries go before predictions. */
  readonly metered: boolean;
}

/** Writes records into the outbox, each with the positions of the sources that it covers. */
export class Recorder implements RecordSink {
  readonly #deps: RecorderDeps;
  readonly #taps = new Listeners<RecordEffect>();

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** Shows every record as it is made, before it is stored. Returns what ends it. */
  tap(listener: (effect: RecordEffect) => void): () => void {
    return this.#taps.add(listener);
  }

  record(effect: RecordEffect): void {
    const { record, readingNumber } = effect;
    const { outbox, positions, clock, metered } = this.#deps;
    const kind = RECORD_KINDS[record.type];
    if (readingNumber > 0 && kind.covered && positions.wasCommitted(readingNumber)) {
      if (record.type === 'prediction') this.suppressed(readingNumber);
      return;
    }
    this.#taps.tell(effect);
    const entry = {
      pipeline: record.pipeline,
      type: record.type,
      t: record.t,
      clock: clock.trusted(),
      urgent: metered ? kind.urgentWhenMetered : kind.urgent,
      body: encodeRecord(record),
    };
    if (record.type !== 'prediction' || readingNumber === 0) {
      outbox.append([entry]);
      return;
    }
    positions.decided(readingNumber);
    const [first, ...others] = positions.take();
    outbox.append([entry], first);
    for (const position of others) outbox.append([], position);
  }

  /** A window is decided whose record was committed before this start. */
  suppressed(readingNumber: number): void {
    this.#deps.positions.decided(readingNumber);
  }

  /** Stores how far the sources have come, also where no window closed for long. */
  storePositions(): void {
    for (const position of this.#deps.positions.take()) this.#deps.outbox.append([], position);
  }
}
