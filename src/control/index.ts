export { Control, type ControlOptions, FILE, type Note, openControl, readControl } from './control.ts';
