export { createGrid, type Grid } from './grid.ts';
export { gridMethods } from './methods.ts';
