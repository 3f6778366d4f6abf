export { tooShort } from './errors.ts';
export type { Terminal } from './screen.ts';
export { type DemoOptions, runDemo } from './show.ts';
export { createStage, type Stage } from './stage.ts';
export { SHORTEST_MS } from './story.ts';
