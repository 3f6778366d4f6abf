import { EdgewrightError } from '../../../common/core/index.ts';
import { type Condition, compileCondition } from '../../../common/expression/index.ts';
import type { PipelineConfig } from '../schema/config.ts';
import { compileAlarms } from './alarms.ts';

/** The gate over the latest values and the attributes of an asset; without one all readings count. */
export function compileGate(when: string | undefined): Condition | undefined {
  return when === undefined ? undefined : compileCondition(when, { tags: 'map', attributes: 'map' }, 'when');
}

/** What is wrong with the gate and with each alarm, every one by itself; the model is not needed. */
export function conditionErrors({ when, alarms }: PipelineConfig): EdgewrightError[] {
  const compilers = [
    () => compileGate(when),
    ...Object.entries(alarms).map((alarm) => () => compileAlarms(Object.fromEntries([alarm]))),
  ];
  return compilers.flatMap((compile) => {
    try {
      compile();
      return [];
    } catch (error) {
      if (error instanceof EdgewrightError) return [error];
      throw error;
    }
  });
}
