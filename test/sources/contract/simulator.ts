import type { ContractSuite } from '../contract.ts';
import { makeSource } from '../support.ts';

export const suite: ContractSuite = {
  least: { type: 'simulator' },
  resumes: false,
  inputs: {
    'two rigs': async () => ({
      create: (deps) =>
        makeSource({ type: 'simulator', assets: 2, speed: 'max', start: '2024-05-01', for: '3s' }, deps),
      count: 2 * 60,
      refused: [],
      ends: true,
      grain: 1,
    }),
  },
};
