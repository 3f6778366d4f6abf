export { Control, type ControlOptions, type Note, openControl } from './control.ts';
