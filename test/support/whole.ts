/** Tests that have a short form run in their long one. */
export const WHOLE = process.env['EDGEWRIGHT_TEST_WHOLE'] === '1';
