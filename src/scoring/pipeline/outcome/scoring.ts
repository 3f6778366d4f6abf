import { isBad, type OutputBatch, reasonOf, StatusCode, type Window, worst } from '../../../common/core/index.ts';
import type { Decider } from '../../decision/index.ts';
import { Lack, type Vectorizer } from '../../features/index.ts';
import type { AssetState } from '../asset/state.ts';
import type { Explainer } from '../explain/explainer.ts';
import type { Recurrence } from '../model/recurrence.ts';
import type { PipelineCounts } from './counts.ts';
import type { Effect } from './effect.ts';
import { abstention, BAD_QUALITY, isUsableVector } from './verdicts.ts';
import type { Slot, WindowQueue } from './window-queue.ts';

/** The parts of a pipeline that scoring works with. */
export interface ScoringOptions {
  /** Digest of the model. */
  readonly model: string;
  readonly vectorizer: Vectorizer;
  readonly decider: Decider;
  readonly explainer: Explainer | undefined;
  readonly recurrence: Recurrence | undefined;
  readonly queue: WindowQueue;
  readonly counts: PipelineCounts;
  readonly effects: Effect[];
}

/** Reason of a window that would have to wait for too many others; the engine gives the same where it has no room. */
const OVERLOADED = 'inference.overloaded';

/** Takes windows to the model and its answers to a verdict. */
export class Scoring {
  readonly #model: string;
  readonly #vectorizer: Vectorizer;
  readonly #decider: Decider;
  readonly #explainer: Explainer | undefined;
  readonly #recurrence: Recurrence | undefined;
  readonly #queue: WindowQueue;
  readonly #counts: PipelineCounts;
  readonly #effects: Effect[];
  readonly #lack = new Lack();

  constructor({ model, vectorizer, decider, explainer, recurrence, queue, counts, effects }: ScoringOptions) {
    this.#model = model;
    this.#vectorizer = vectorizer;
    this.#decider = decider;
    this.#explainer = explainer;
    this.#recurrence = recurrence;
    this.#queue = queue;
    this.#counts = counts;
    this.#effects = effects;
  }

  /** Takes a window that closed: it goes to the model, unless it has no input. */
  close(state: AssetState, window: Window, now: number, readingNumber: number, silent = false): void {
    const slot = this.#queue.open(state);
    slot.silent = silent;
    slot.from = window.from;
    slot.to = window.to;
    slot.quality = window.quality;
    slot.closedAt = now;
    slot.readingNumber = readingNumber;
    this.#counts.windows += 1;
    const crowded = state.memory !== undefined && this.#recurrence?.isFull(state.memory);
    const usable = fillSlot(slot, window, this.#vectorizer, this.#lack) && !crowded;
    if (crowded) slot.verdict ??= abstention(OVERLOADED);
    const ready = state.memory && this.#recurrence ? this.#recurrence.enter(state.memory, slot, usable) : usable;
    if (ready) this.#ask(slot);
  }

  /** Takes row `row` of a batch as the answer for a ticket. */
  complete(ticket: number, batch: OutputBatch, row: number): void {
    const slot = this.#queue.find(ticket);
    if (!slot) return;
    slot.verdict = this.#decider.decide(batch, row, slot.outputs, slot.vector);
    if (this.#explainer?.readErrors(batch, row, slot.errors) === false) slot.errors.fill(Number.NaN);
    this.#leave(slot, batch, row);
  }

  /** Notes that a ticket gets no answer: its window abstains, with the reason. */
  fail(ticket: number, reason: string): void {
    const slot = this.#queue.find(ticket);
    if (!slot) return;
    this.#counts.failed += 1;
    slot.outputs.fill(Number.NaN);
    slot.verdict = abstention(reason);
    this.#leave(slot, undefined, 0);
  }

  /** Sends the asset's next window to a recurrent model. */
  #leave(slot: Slot, batch: OutputBatch | undefined, row: number): void {
    const { memory } = slot.asset;
    const next = memory && this.#recurrence?.leave(memory, slot, batch, row);
    if (next) this.#ask(next);
  }

  #ask({ ticket, vector }: Pick<Slot, 'ticket' | 'vector'>): void {
    this.#effects.push({ kind: 'infer', model: this.#model, ticket, vector });
  }
}

/** Makes a window's input, at the head of the slot's vector; false where it has none, and the slot says why. */
function fillSlot(slot: Slot, window: Window, vectorizer: Vectorizer, lack: Lack): boolean {
  if (isBad(window.quality.code)) {
    slot.verdict = BAD_QUALITY;
    return false;
  }
  const { length } = vectorizer;
  // What a recurrent model carries may lie behind the input.
  const vector = slot.vector.length === length ? slot.vector : slot.vector.subarray(0, length);
  lack.clear();
  const why = write(slot, window, vector, vectorizer, lack);
  const lacks = lack.tags.size > 0;
  if (why === undefined && isUsableVector(vector, lacks)) {
    if (lacks) noteMissing(slot, window, lack);
    return true;
  }
  const reason = why ?? `features: ${notFinite(slot.features, vectorizer.names)}not finite`;
  slot.quality = { code: StatusCode.BadDataLost, reasons: [...window.quality.reasons, reason] };
  slot.verdict = BAD_QUALITY;
  return false;
}

/** Notes what the model got something else in the place of: the quality says so, and summaries count it as missing. */
function noteMissing(slot: Slot, { quality: { code, reasons } }: Window, { tags, features }: Lack): void {
  slot.missing = [...tags];
  // A grid may find a gap that the window, which does not know it, calls good.
  const unsaid = slot.missing.filter((tag) => !reasons.some((reason) => reason.startsWith(`${tag}: `)));
  const all = [...reasons, ...unsaid.map((tag) => `${tag}: missing`)];
  slot.quality = { code: worst(code, StatusCode.UncertainDataSubNormal), reasons: all };
  slot.unmeasured = [...features];
}

/** Writes the features of a window; where that throws it has none, and the reason says why. */
function write(
  slot: Slot,
  window: Window,
  vector: Float64Array,
  vectorizer: Vectorizer,
  lack: Lack,
): string | undefined {
  try {
    return vectorizer.write(window, vector, slot.features, lack);
  } catch (error) {
    vector.fill(Number.NaN);
    slot.features.fill(Number.NaN);
    return `features: ${reasonOf(error)}`;
  }
}

/** Names the first feature without a value, for the reason. */
function notFinite(features: Float64Array, names: readonly string[]): string {
  const index = features.findIndex((value) => !Number.isFinite(value));
  return index < 0 ? '' : `${names[index]} `;
}
