import { EdgewrightError } from '../../../common/core/index.ts';
import { type Condition, compileCondition } from '../../../common/expression/index.ts';
import type { PipelineConfig } from '../schema/config.ts';
import { compileAlarms } from './alarms.ts';

/** Compiles the gate over the latest values and the attributes of an asset. Throws `expression.invalid`. */
export function compileGate(when: string | undefined): Condition | undefined {
  return when === undefined ? undefined : compileCondition(when, { tags: 'map', attributes: 'map' }, 'when');
}

/** Finds what is wrong with the gate and with each alarm, every one by itself; needs no model. */
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
