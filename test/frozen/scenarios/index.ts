import type { Scenario } from '../scenario.ts';
import { cutOff, recovering } from './damage.ts';
import { metered } from './metered.ts';
import { paused, torn } from './pipelines.ts';
import { thinned } from './room.ts';
import { audited, killed, stopped } from './stops.ts';
import { halfReceived, halfSettled, unconfirmedAlarms } from './uplink.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...[stopped, killed, audited],
  ...[unconfirmedAlarms, halfSettled, halfReceived, metered],
  ...[torn, paused],
  ...[cutOff, recovering, thinned],
];
