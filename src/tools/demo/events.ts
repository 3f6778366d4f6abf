import type { AlarmState, Contribution, Severity } from '../../common/core/index.ts';
import type { FaultName } from '../../scoring/sources/index.ts';
import type { Summary } from './summary.ts';

/** What happens in the demo, as `--json` prints it; `at` in seconds since the story began. */
export type DemoEvent = { readonly at: number } & (
  | {
      readonly event: 'started';
      readonly site: string;
      readonly device: string;
      readonly boot: string;
      readonly broker: string;
      readonly model: string;
      readonly assets: readonly string[];
      /** How many times as fast as the wall clock the machines run. */
      readonly speed: number;
    }
  | { readonly event: 'fault'; readonly asset: string; readonly fault: FaultName; readonly state: 'on' | 'off' }
  | {
      readonly event: 'alarm';
      readonly asset: string;
      readonly alarm: string;
      readonly state: AlarmState;
      readonly severity: Severity;
      /** Seconds of machine time from the fault to the alarm; absent where no fault was on. */
      readonly delaySeconds?: number;
      /** Sensors that made the pump look abnormal, greatest first; absent where the alarm is not raised. */
      readonly contributions?: readonly Contribution[];
    }
  | { readonly event: 'link-cut' }
  | { readonly event: 'queue'; readonly pending: number; readonly bytes: number }
  | { readonly event: 'link-mended'; readonly pending: number }
  | { readonly event: 'drained'; readonly tookSeconds: number }
  | ({ readonly event: 'summary' } & Summary)
);

const FAULT_NAMES: Readonly<Record<FaultName, string>> = {
  'bearing-wear': 'bearing wear',
  cavitation: 'cavitation',
  leak: 'a leak',
  'stuck-sensor': 'a stuck sensor',
};

function share({ sensor, contribution }: Contribution): string {
  return `: ${sensor} ${Math.round(100 * contribution)}%`;
}

/** Says what happened in one line for a person. */
export function tell(event: DemoEvent): string {
  switch (event.event) {
    case 'started': {
      const pace = event.speed > 1 ? ` (${Number(event.speed.toFixed(1))} x real time)` : '';
      return `${event.assets.length} pumps send over MQTT${pace}, scored by ${event.model}`;
    }
    case 'fault':
      return `${FAULT_NAMES[event.fault]} switched ${event.state} at ${event.asset}`;
    case 'alarm': {
      const { delaySeconds, contributions = [] } = event;
      const delay = delaySeconds === undefined ? '' : `, ${delaySeconds.toFixed(1)} machine s after the fault`;
      return `ALARM ${event.state}: ${event.alarm} at ${event.asset}${delay}${contributions.slice(0, 1).map(share).join('')}`;
    }
    case 'link-cut':
      return 'link to the consumer cut: predictions go on, the queue grows';
    case 'queue':
      return `${event.pending} records wait in the queue`;
    case 'link-mended':
      return `link mended: ${event.pending} records wait to be sent`;
    case 'drained':
      return `queue drained ${event.tookSeconds.toFixed(1)} s later: the consumer has everything`;
    case 'summary':
      if (!event.ok) return `it did not work: ${event.reason ?? ''}`;
      return event.missing === 0
        ? 'done: everything that was committed has arrived'
        : `stopped while ${event.missing} records were on their way`;
  }
}

/** Seconds since the beginning as `m:ss`. */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
