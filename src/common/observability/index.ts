export * from './counters.ts';
export * from './logger.ts';
