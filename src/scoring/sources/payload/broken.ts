/** Stands for what could not be read inside a message. It is told where it is found, and counts as no value later on. */
export const BROKEN: object = Object.freeze({});
