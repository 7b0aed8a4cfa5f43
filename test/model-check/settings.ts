const read = (name: string, otherwise: number): number => {
  const number = Number(process.env[name] ?? otherwise);
  if (!Number.isSafeInteger(number)) throw new Error(`${name} must be a whole number.`);
  return number;
};

/** How many schedules are drawn in all; those of crash-at-every-await are not drawn, and come on top. */
export const SCHEDULES = read("CURFEW_SCHEDULES", 2000);
/** On real rooms a schedule takes a hundred times as long. */
export const SCHEDULES_ON_REAL_ROOMS = Math.ceil(SCHEDULES / 100);
/** The same seed gives the same schedules. */
export const SEED = read("CURFEW_SEED", 1182);
