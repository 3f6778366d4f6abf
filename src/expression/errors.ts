import { defineError } from '../core/index.ts';

export const conditionInvalid = defineError(
  'expression.invalid',
  'Write a CEL condition such as `tags.speed > 100 && attributes.line == "A"`: compare with == != < <= > >=, join with && || !, group with ( ).',
  { exit: 2 },
);
