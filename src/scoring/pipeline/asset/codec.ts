import { createHash } from 'node:crypto';
import { ByteReader, ByteWriter, type ReadingValue } from '../../../common/core/index.ts';
import { createAssetWindows, type WindowOptions } from '../../windows/index.ts';
import type { PipelineModel } from '../model/model.ts';
import type { Recurrence } from '../model/recurrence.ts';
import type { Binding } from '../reading/binding.ts';
import type { PipelineConfig } from '../schema/config.ts';
import { Alarm, type AlarmRule, readAlarm, type SavedAlarm } from './alarms.ts';
import { EmittedWatermark } from './emitted-watermark.ts';
import type { Gate } from './gate.ts';
import { GateClock } from './gate-clock.ts';
import type { Gone } from './gone.ts';
import { LONG_HEARD } from './standing.ts';
import type { AssetState } from './state.ts';
import { AssetSummary, type SummarySpec } from './summaries.ts';

/** Version of the form; a body of another one is not read. */
const VERSION = 1;
const DIGEST_CHARACTERS = 16;
/** Begins the name of an alarm's part. */
const ALARM = 'alarm ';

/** What a gate remembers of an asset: part of `windows`, as JSON. */
interface GateState {
  readonly latest: Record<string, ReadingValue>;
  readonly attributes: Record<string, string>;
  readonly open: boolean;
}

/**
 * Writes and reads what a pipeline holds of one asset: a version (u8), the number of parts (u32), then part after part
 * as name, digest and body. The digest is that of what the part depends on:
 *
 * | part          | body                                                 | depends on                                       |
 * | ------------- | ---------------------------------------------------- | ------------------------------------------------ |
 * | `windows`     | latest values, attributes and gate; the open windows | window options, gate, columns of the tags        |
 * | `alarm NAME`  | decisions counted                                    | model, overrides, rule of the alarm              |
 * | `told`        | emitted watermarks of predictions, alarms, summaries | nothing                                          |
 * | `heard`       | how often and how long it was heard                  | nothing                                          |
 * | `memory`      | what a recurrent model remembers                     | model, `state` of the manifest                   |
 * | `summary`     | the running period                                   | model, features, length of a period              |
 *
 * Of an asset that gave way there is one part, `gone`: what its windows had closed, and the newest time that came.
 *
 * A part whose digest is another is reset, alone; a part that nobody knows is passed over. Further state of an asset is
 * a further part. Names and digests are on disk: neither they nor what is hashed may change.
 */
export class AssetCodec {
  readonly #windowOptions: WindowOptions;
  readonly #rules: readonly AlarmRule[];
  readonly #summarySpec: SummarySpec | undefined;
  readonly #cutting: string;
  readonly #summaryDigest: string;
  readonly #alarmDigests: ReadonlyMap<string, string>;
  readonly #windowDigests = new WeakMap<Binding, string>();
  readonly #recurrence: Recurrence | undefined;
  readonly #memoryDigest: string;
  readonly #model: string;
  readonly #gate: Gate | undefined;
  readonly #out = new ByteWriter();

  constructor(
    { identity, manifest: { state } }: PipelineModel,
    { when, overrides }: PipelineConfig,
    windowOptions: WindowOptions,
    rules: readonly AlarmRule[],
    summarySpec: SummarySpec | undefined,
    recurrence: Recurrence | undefined,
    gate: Gate | undefined,
  ) {
    this.#gate = gate;
    this.#recurrence = recurrence;
    this.#model = identity.digest;
    this.#memoryDigest = digestOf([identity.digest, state]);
    this.#windowOptions = windowOptions;
    this.#rules = rules;
    this.#summarySpec = summarySpec;
    this.#cutting = JSON.stringify([windowOptions, when]);
    this.#summaryDigest = digestOf([identity.digest, summarySpec?.featureSpec, summarySpec?.every]);
    this.#alarmDigests = new Map(
      rules.map(({ name, config: { when: condition, until, raise, clear } }) => [
        name,
        digestOf([identity.digest, overrides, condition, until, raise, clear]),
      ]),
    );
  }

  /** Writes the part of windows and gate, as of now. */
  windows(state: AssetState, now: number): Uint8Array {
    const out = this.#out;
    const { latest, attributes, gateOpen: open } = state;
    out.text(JSON.stringify({ latest, attributes, open } satisfies GateState));
    state.windows.save(out, now);
    return out.take();
  }

  /** Writes the whole: `windows` as it was written, and the parts that follow the decisions as of now. */
  join(windows: Uint8Array, state: AssetState): Uint8Array {
    const parts: [name: string, digest: string, body: Uint8Array][] = [['windows', this.windowsDigest(state), windows]];
    for (const alarm of state.alarms) {
      alarm.save(this.#out, this.#model);
      const { name } = alarm.rule;
      parts.push([`${ALARM}${name}`, this.#alarmDigests.get(name) ?? '', this.#out.take()]);
    }
    state.emittedPredictions.save(this.#out);
    state.emittedAlarms.save(this.#out);
    state.emittedPredictions.saveFrom(this.#out);
    state.emittedAlarms.saveFrom(this.#out);
    state.summary?.saveTold(this.#out);
    parts.push(['told', '', this.#out.take()]);
    state.standing.save(this.#out);
    parts.push(['heard', '', this.#out.take()]);
    if (state.memory && this.#recurrence) {
      this.#recurrence.save(state.memory, this.#out);
      parts.push(['memory', this.#memoryDigest, this.#out.take()]);
    }
    if (state.summary) {
      state.summary.save(this.#out);
      parts.push(['summary', this.#summaryDigest, this.#out.take()]);
    }
    return this.#whole(parts);
  }

  /** Writes what is remembered of an asset that gave way. */
  gone({ closed, newest }: Gone): Uint8Array {
    this.#out.f64(closed);
    this.#out.f64(newest);
    return this.#whole([['gone', '', this.#out.take()]]);
  }

  /** Reads what is remembered of an asset that gave way; undefined where the asset had not. */
  readGone(body: Uint8Array): Gone | undefined {
    const part = readParts(body)?.get('gone');
    let gone: Gone | undefined;
    if (part)
      readable(part.body, (from) => {
        gone = { closed: from.f64(), newest: from.f64() };
      });
    return gone;
  }

  /**
   * Puts what was saved into a new state. Returns the parts that are there and could not be used; `all` for no such
   * bytes.
   */
  restore(state: AssetState, body: Uint8Array, now: number): string[] {
    const parts = readParts(body);
    if (parts === undefined) return ['all'];
    const reset: string[] = [];
    const use = (name: string, digest: string, put: (from: ByteReader) => void): void => {
      const part = parts.get(name);
      if (part && (part.digest !== digest || !readable(part.body, put))) reset.push(name);
    };
    use('windows', this.windowsDigest(state), (from) => this.#restoreWindows(state, from, now));
    state.alarms = this.#rules.map((rule) => {
      let alarm = new Alarm(rule);
      use(`${ALARM}${rule.name}`, this.#alarmDigests.get(rule.name) ?? '', (from) => {
        const restored = new Alarm(rule);
        restored.restore(from);
        alarm = restored;
      });
      return alarm;
    });
    if (!parts.has('heard')) state.standing.resume(LONG_HEARD);
    use('heard', '', (from) => state.standing.restore(from));
    const { memory } = state;
    if (memory) use('memory', this.#memoryDigest, (from) => this.#recurrence?.restore(memory, from));
    const spec = this.#summarySpec;
    if (spec)
      use('summary', this.#summaryDigest, (from) => {
        const summary = new AssetSummary(spec, state.name);
        summary.restore(from);
        state.summary = summary;
      });
    use('told', '', (from) => {
      state.emittedPredictions.restore(from);
      state.emittedAlarms.restore(from);
      if (from.done) return state.summary?.isOfEarlierVersion();
      state.emittedPredictions.restoreFrom(from);
      state.emittedAlarms.restoreFrom(from);
      if (!from.done) state.summary?.restoreTold(from);
    });
    // Windows of other options give nothing of the times of which records were told.
    const { last } = state.emittedPredictions;
    if (reset.includes('windows') && last > state.windows.newest) state.windows.beginBehind(last, last);
    return reset;
  }

  #whole(parts: readonly (readonly [name: string, digest: string, body: Uint8Array])[]): Uint8Array {
    const out = this.#out;
    out.u8(VERSION);
    out.u32(parts.length);
    for (const [name, digest, body] of parts) {
      out.text(name);
      out.text(digest);
      out.bytes(body);
    }
    return out.take();
  }

  #restoreWindows(state: AssetState, from: ByteReader, now: number): void {
    const { latest, attributes, open }: GateState = JSON.parse(from.text());
    const windows = createAssetWindows(this.#windowOptions);
    windows.restore(from, now);
    const gateClock = new GateClock(windows.newest);
    Object.assign(state, {
      windows,
      latest: this.#gate?.latestOf(latest) ?? {},
      attributes,
      gateOpen: open,
      gateClock,
    });
  }

  /** What the windows of an asset depend on: those of the same digest are cut alike. */
  windowsDigest({ binding }: AssetState): string {
    const known = this.#windowDigests.get(binding);
    if (known !== undefined) return known;
    const digest = digestOf([this.#cutting, [...binding.columns], binding.attributes]);
    this.#windowDigests.set(binding, digest);
    return digest;
  }
}

/** Reads the alarms of a snapshot as of its newest prediction, whoever's it is; none where the bytes are no such thing. */
export function savedAlarms(body: Uint8Array): ReadonlyMap<string, SavedAlarm> {
  const alarms = new Map<string, SavedAlarm>();
  const parts = readParts(body);
  const newest = new EmittedWatermark();
  readable(parts?.get('told')?.body ?? new Uint8Array(), (from) => newest.restore(from));
  for (const [name, part] of parts ?? []) {
    if (!name.startsWith(ALARM)) continue;
    readable(part.body, (from) => {
      const alarm = readAlarm(from);
      alarms.set(name.slice(ALARM.length), { ...alarm, t: Math.max(alarm.t, newest.last) });
    });
  }
  return alarms;
}

function readParts(body: Uint8Array): Map<string, { digest: string; body: Uint8Array }> | undefined {
  const parts = new Map<string, { digest: string; body: Uint8Array }>();
  const known = readable(body, (from) => {
    if (from.u8() !== VERSION) throw new RangeError('another version');
    for (let left = from.u32(); left > 0; left -= 1)
      parts.set(from.text(), { digest: from.text(), body: from.bytes() });
  });
  return known ? parts : undefined;
}

/** Whether `put` could read the bytes. */
function readable(bytes: Uint8Array, put: (from: ByteReader) => void): boolean {
  try {
    put(new ByteReader(bytes));
    return true;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return false;
    throw error;
  }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, DIGEST_CHARACTERS);
}
