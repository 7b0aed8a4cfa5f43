/** Whether this is `npm run soak`: the same tests with more draws, and those that are only worth it with many. */
export const IS_SOAK = Boolean(process.env["CURFEW_SOAK"]);
