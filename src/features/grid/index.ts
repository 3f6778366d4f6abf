import type { RawInput } from '../schema.ts';
import { linear } from './linear.ts';
import { mean } from './mean.ts';
import type { GridMethod } from './method.ts';
import { nearest } from './nearest.ts';
import { previous } from './previous.ts';

type MethodName = NonNullable<RawInput['grid']>['method'];

export const gridMethods: Readonly<Record<MethodName, GridMethod>> = { previous, nearest, linear, mean };
