import { loadNativeEngine } from '../../src/scoring/inference/engine/native-engine.ts';
import { describeEngine } from './engine-contract.ts';
import { nativeInstalled } from './support.ts';

describeEngine('native', loadNativeEngine, nativeInstalled);
