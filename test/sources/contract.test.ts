import { SOURCE_TYPES } from '../../src/scoring/sources/index.ts';
import { sourceContract, suiteOf } from './contract.ts';

for (const type of SOURCE_TYPES) sourceContract(type, await suiteOf(type));
