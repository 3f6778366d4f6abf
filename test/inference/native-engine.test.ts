import { loadNativeEngine } from '../../src/scoring/inference/native-engine.ts';
import { describeEngine } from './engine-contract.ts';
import { nativeInstalled } from './support.ts';

describeEngine('native', loadNativeEngine, nativeInstalled);
