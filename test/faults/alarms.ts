import { type AlarmChange, grouped, inOrder, type Place, type Prediction } from './records.ts';

/** States that an alarm has by itself; the others are a person's answers. */
const OWN = new Set(['raised', 'cleared', 'ended']);

export interface AlarmAudit {
  readonly changes: readonly AlarmChange[];
  readonly predictions: readonly Prediction[];
  /** Alarms by pipeline whose end can be told: each follows the decision of every single prediction. */
  readonly alarms: Readonly<Record<string, readonly string[]>>;
  /** In the order in which they followed one another. */
  readonly boots: readonly string[];
  /** Whether the sources' clocks only went forward. */
  readonly honest: boolean;
}

/**
 * What is wrong with the alarms that were told: each is raised, then cleared or ended by a record that says why, then
 * raised again; and it stands at the end if, and only if, the last prediction calls for it.
 */
export function alarmFaults({ changes, predictions, alarms, boots, honest }: AlarmAudit): string[] {
  const faults: string[] = [];
  const own = inOrder(
    changes.filter(({ state }) => OWN.has(state)),
    boots,
  );
  const byAlarm = grouped(own, ({ pipeline, asset, alarm }) => nameOf(pipeline, asset, alarm));
  for (const [name, all] of byAlarm) faults.push(...sequenceFaults(name, all, honest));
  const decided = inOrder(
    predictions.filter(({ decision }) => decision !== 'abstain'),
    boots,
  );
  for (const of of grouped(decided, ({ pipeline, asset }) => nameOf(pipeline, asset)).values()) {
    const last = of.at(-1);
    if (!last) continue;
    for (const alarm of alarms[last.pipeline] ?? []) {
      const name = nameOf(last.pipeline, last.asset, alarm);
      const change = byAlarm.get(name)?.at(-1);
      // What gave way may be newer than the last prediction that came.
      if (change && inOrder<Place>([change, last], boots)[0] === last) continue;
      const stands = change?.state === 'raised';
      const called = last.decision === 'anomaly';
      if (stands && !called) faults.push(`${name} is never cleared: raised at ${change.t}, normal at ${last.to}`);
      if (!stands && called) faults.push(`${name} is not raised, though ${last.to} calls for it`);
    }
  }
  return faults;
}

function sequenceFaults(name: string, all: readonly AlarmChange[], honest: boolean): string[] {
  const faults: string[] = [];
  let raised: AlarmChange | undefined;
  let before: AlarmChange | undefined;
  for (const change of all) {
    const { state, t, since, rests, reason } = change;
    if (state === 'raised' && raised) faults.push(`${name} is raised at ${raised.t}, and again at ${t}`);
    if (state !== 'raised' && !raised) faults.push(`${name} is ${state} at ${t}, and did not stand`);
    if (state !== 'raised' && raised && since !== raised.t) {
      faults.push(`${name} is ${state} since ${since}, and was raised at ${raised.t}`);
    }
    if (state !== 'raised' && !rests && !reason) faults.push(`${name} is ${state} at ${t} without saying why`);
    if (honest && before && t < before.t)
      faults.push(`${name} is ${state} at ${t}, after ${before.state} at ${before.t}`);
    raised = state === 'raised' ? change : undefined;
    before = change;
  }
  return faults;
}

function nameOf(...parts: readonly string[]): string {
  return parts.join(' ');
}
