/** What may be the id of a room: a town's, or that of an object in the cloud's own list. */
export const ORPHAN_ID = /^(t[a-z2-7]{20}|[0-9a-f]{64})$/;
export const NO_ORPHAN_ID = "is no id of a town or an object";
