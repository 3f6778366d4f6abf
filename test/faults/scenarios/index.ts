import type { Scenario } from '../scenario.ts';
import { BROKER } from './broker.ts';
import { clock } from './clock.ts';
import { DAMAGE } from './damage.ts';
import { DISK } from './disk.ts';
import { FLOOD } from './flood.ts';
import { kill } from './kill.ts';
import { LINK } from './link.ts';
import { LIVE } from './live.ts';
import { powerCut } from './power-cut.ts';

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  kill,
  powerCut,
  ...LIVE,
  ...BROKER,
  ...LINK,
  ...DISK,
  ...DAMAGE,
  clock,
  ...FLOOD,
];
