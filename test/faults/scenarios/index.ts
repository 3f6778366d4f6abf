import type { Scenario } from '../scenario.ts';
import { kill } from './kill.ts';
import { powerCut } from './power-cut.ts';

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [kill, powerCut];
