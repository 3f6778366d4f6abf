import type { ReadingValue } from '../core/index.ts';
import type { AssetWindows } from '../windows/index.ts';
import type { Alarm } from './alarms.ts';
import type { Binding } from './binding.ts';
import type { ScoredWindow } from './explainer.ts';
import type { Memory } from './recurrence.ts';
import type { AssetSummary } from './summaries.ts';
import type { Told } from './told.ts';

/** What a pipeline holds of one asset. */
export interface AssetState {
  readonly name: string;
  readonly binding: Binding;
  windows: AssetWindows;
  alarms: readonly Alarm[];
  /** Of a recurrent model. */
  readonly memory: Memory | undefined;
  summary: AssetSummary | undefined;
  /** Latest values by the source's tag name, kept only where a gate reads them. */
  latest: Record<string, ReadingValue>;
  attributes: Readonly<Record<string, string>>;
  gateOpen: boolean;
  /** The last window that the model answered, kept only where it can be explained. */
  last: { readonly scored: ScoredWindow; readonly from: number; readonly to: number } | undefined;
  readonly told: Told;
  /** Changes of alarms: they may come later than the windows that they rest on. */
  readonly alarmsTold: Told;
  /** Changed since the last snapshot. */
  touched: boolean;
}
