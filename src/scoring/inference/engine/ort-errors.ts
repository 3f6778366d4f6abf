import type { EdgewrightError, ErrorFactory } from '../../../common/core/index.ts';
import {
  declaredShape,
  externalData,
  localeMissing,
  modelRefused,
  operatorUnavailable,
  outOfMemory,
  runFailed,
  tensorInvalid,
} from './errors.ts';

const memory = /bad_alloc|failed to allocate|tensor shape is too large/i;

/**
 * ONNX Runtime tells JavaScript about failures in text only. This is the one place that reads it; the tests hold
 * each entry against the real engine. What no entry knows keeps its text under the general code.
 */
const known: readonly (readonly [RegExp, ErrorFactory])[] = [
  [memory, outOfMemory],
  [/ShapeInferenceError/, declaredShape],
  [/external data/i, externalData],
  [/construct locale/, localeMissing],
  [
    /is not a registered function\/op|Could not find an implementation|ERROR_CODE: 9,|only \*guarantees\* support/,
    operatorUnavailable,
  ],
];

const knownAtRun: typeof known = [
  [memory, outOfMemory],
  [/invalid dimensions for input|invalid rank for input/i, tensorInvalid],
];

/** Build paths, C++ signatures and repeated codes around the sentence that matters. */
function plain(text: string): string {
  const message = /ERROR_MESSAGE: ([\s\S]*)/.exec(text)?.[1] ?? text;
  const sentence = /\[ONNXRuntimeError\] : \d+ : \w+ : ([\s\S]*)/.exec(message)?.[1] ?? message;
  return sentence
    .replaceAll(/\S*\/onnxruntime\/core\/\S+ /g, '')
    .trim()
    .slice(0, 500);
}

export function ortCreateError(error: Error): EdgewrightError {
  const factory = known.find(([pattern]) => pattern.test(error.message))?.[1] ?? modelRefused;
  return factory('model', plain(error.message), { cause: error });
}

export function ortRunError(error: Error): EdgewrightError {
  const factory = knownAtRun.find(([pattern]) => pattern.test(error.message))?.[1] ?? runFailed;
  return factory('model', plain(error.message), { cause: error });
}
