import type { AlarmEnd } from '../../../common/core/index.ts';
import type { AlarmRule, EndedAlarm } from './alarms.ts';
import type { AssetState } from './state.ts';

/** What a pipeline held of an asset for which another one answers from now on. */
export interface Left {
  readonly pipeline: string;
  readonly state: AssetState;
  /** Digest of the model that answered. */
  readonly model: string;
  /** What the model's answers mean: alarms over other targets are others. */
  readonly targets: string;
}

/** The pipeline that goes on: its alarms, and its model, see `Left`. */
export interface Successor {
  readonly rules: readonly AlarmRule[];
  readonly model: string;
  readonly targets: string;
}

/**
 * Goes on with an asset where another pipeline left it: how often it was heard, what was emitted, and alarms whose rule and
 * targets are the same, with what they counted. Returns the records that clear those which stand and do not go on.
 * @param state of the asset in the pipeline that goes on; undefined where it has no such asset
 */
export function takeOver(
  state: AssetState | undefined,
  left: Left,
  { rules, model, targets }: Successor,
): EndedAlarm[] {
  const { state: before } = left;
  if (state) {
    state.standing = before.standing;
    state.emittedPredictions = before.emittedPredictions;
    state.emittedAlarms = before.emittedAlarms;
    if (before.summary) state.summary?.goOn(before.summary);
  }
  const ended: EndedAlarm[] = [];
  const going = before.alarms.filter((alarm) => {
    const rule = state && rules.find(({ name }) => name === alarm.rule.name);
    if (rule && targets === left.targets && rule.digest === alarm.rule.digest) return true;
    const reason: AlarmEnd = rule === undefined ? 'removed' : model === left.model ? 'rule' : 'model';
    const record = alarm.end(left.pipeline, before.name, before.emittedPredictions.last, reason);
    if (record) ended.push(record as EndedAlarm);
    return false;
  });
  if (state) {
    state.alarms = state.alarms.map(
      (alarm) => going.find(({ rule }) => rule.name === alarm.rule.name)?.under(alarm.rule) ?? alarm,
    );
  }
  return ended;
}
