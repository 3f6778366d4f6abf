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
 * Table from ONNX Runtime's text to our errors: JavaScript gets nothing else from it. No other place reads that text,
 * and the tests hold each entry against the real engine. A text that no entry knows is kept, under the general code.
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

/** Strips build paths, C++ signatures and repeated codes from around the sentence that matters. */
function plain(text: string): string {
  const message = /ERROR_MESSAGE: ([\s\S]*)/.exec(text)?.[1] ?? text;
  const sentence = /\[ONNXRuntimeError\] : \d+ : \w+ : ([\s\S]*)/.exec(message)?.[1] ?? message;
  return sentence
    .replaceAll(/\S*\/onnxruntime\/core\/\S+ /g, '')
    .trim()
    .slice(0, 500);
}

/** Translates a failure to load a model. */
export function ortCreateError(error: Error): EdgewrightError {
  const factory = known.find(([pattern]) => pattern.test(error.message))?.[1] ?? modelRefused;
  return factory('model', plain(error.message), { cause: error });
}

/** Translates a failure to run one. */
export function ortRunError(error: Error): EdgewrightError {
  const factory = knownAtRun.find(([pattern]) => pattern.test(error.message))?.[1] ?? runFailed;
  return factory('model', plain(error.message), { cause: error });
}
