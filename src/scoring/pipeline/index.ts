/**
 * A pipeline is one model at work on the assets that fit a pattern. `Pipeline` is a pure machine: readings, times and
 * the model's answers go in, effects come out. It knows no file, no thread and no timer, so that `run` and `replay`
 * drive the same one, and the same readings give the same records.
 *
 * What goes in:
 * - `push`: a reading, or a block of samples. It is bound to the model's tags, held against the gate and put into the
 *   asset's windows in event time. A window that closes becomes a vector, and a row for the model.
 * - `tick`: processing time passes. Tags that fell silent are no longer waited for; explanations that are late are
 *   given up.
 * - `complete` and `fail`: the answer for a ticket, or that there is none: then the window abstains, with the reason.
 * - `flush`, then `closeSummaries`: the end of the input. What has begun closes with what it holds.
 *
 * What comes out, in one array that holds until the next call:
 * - `infer`: a row for a model. Its ticket is answered once; a second answer changes nothing.
 * - `record`: a prediction, a summary, or an alarm (`urgent`), with the number of the reading that closed its window.
 * - `suppressed`: a window is decided whose prediction was emitted before this start.
 * - `snapshot` and `explanation`: what `snapshot` and `explain` asked for.
 *
 * Order: the model may answer in any order, windows are decided in the order in which they closed. A window gives the
 * summary of the period that it ends, its prediction, then changes of alarms. An alarm may wait for its explanation, a
 * second at most; alarms, explanations and snapshots behind it wait too, predictions do not.
 *
 * Gate and alarms: a gate that closes resets the asset's windows, so that none spans a stop of the machine. k of n
 * decisions raise an alarm, in event time; a decision that abstains counts neither way.
 *
 * Recurrent models: the windows of an asset go to the model one after the other, each with what the model gave for the
 * one before. The memory is reset behind a gap, a window without an answer and a closed gate.
 *
 * Snapshots: a part each for the windows with the gate, every alarm, the emitted watermarks, the memory of a recurrent
 * model, and the running summary; a part is reset, alone, where what it depends on has changed (`asset/codec.ts`).
 * Windows are written as of the call, the rest when the windows closed until then are decided. A state that is restored
 * gives some records once more; `emitted` says which are committed, and they are suppressed, and `tell` how alarms stand.
 *
 * Assets: where there are as many as there may be, quiet ones give way to those that speak (`asset/assets.ts` says to
 * whom, and who never does). What gives way is ended: its windows close with what they hold, its summary ends, and an
 * alarm that stands is cleared with the reason. When it is back, no window of before is given again.
 *
 * Invariants:
 * - Each window that closes gives one prediction or one suppressed effect.
 * - What is not finite reaches neither the model nor a decision: the window or target abstains, and its quality says
 *   why.
 * - `now` is processing time in ms and never goes back; event time may, and then windows are reset.
 * - Memory is bounded: by `limits.assets`, by `limits.readings` of each asset, by 64 names of each thing that is
 *   counted.
 *
 * The folders, from the bottom up: `schema` (manifest and configuration), `reading` (from a reading to a row),
 * `explain` (which sensors an answer rests on), `model` (a bundle, read and checked), `asset` (what is held of one
 * asset), `outcome` (from a closed window to its effects).
 */
export { type EndedAlarm, endOfAlarm, isModelOf, type SavedAlarm, type ToldAlarm } from './asset/alarms.ts';
export { savedAlarms } from './asset/codec.ts';
export { conditionErrors } from './asset/conditions.ts';
export type { EmittedRecords } from './asset/emitted-watermark.ts';
export type { AssetSnapshot } from './asset/snapshots.ts';
export { holdOf } from './asset/specs.ts';
export type { Left } from './asset/takeover.ts';
export { comparePredictions, readingsOf } from './model/golden-readings.ts';
export * from './model/model.ts';
export { readModel } from './model/read.ts';
export * from './outcome/counts.ts';
export * from './outcome/effect.ts';
export type { AssetExtent, Begins, LentWindows } from './outcome/handover.ts';
export type { PipelineOptions } from './outcome/parts.ts';
export * from './pipeline.ts';
export * from './schema/config.ts';
export * from './schema/manifest.ts';
