/** Names the container that a process belongs to, in the environment of every process of it. */
export const MARKER = "CURFEW_CONTAINER";
