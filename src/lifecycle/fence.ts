/**
 * What carries a fence counts only if it is the room's present one: an older one belongs to a run that
 * is over, a newer one to a run that this room has not been told of.
 */
export const isCurrent = (carried: number, present: number | null): boolean => carried === present;
