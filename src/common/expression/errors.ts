import { defineError } from '../core/index.ts';

export const conditionInvalid = defineError(
  'expression.invalid',
  'Write a CEL condition such as `tags.speed > 100 && attributes.line == "A"`: compare with == != < <= > >=, join with && || !, group with ( ).',
  { exit: 2 },
);

export const formulaInvalid = defineError(
  'expression.formula-invalid',
  'Write a number in CEL such as `torque.mean * speed.mean / 9.55`: + - * / %, abs( ), a choice with ? and :, groups with ( ).',
  { exit: 2 },
);
