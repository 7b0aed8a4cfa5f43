/** Names the container that a process belongs to, in the environment of every process of it. */
export const MARKER = "CURFEW_CONTAINER";

/** Names the command that a process belongs to, such as one gate or one block. */
export const COMMAND_MARKER = "CURFEW_COMMAND";
