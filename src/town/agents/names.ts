import type { AgentName } from "../../protocol/primitives.ts";

/**
 * The names of a town's agents, from how many there ever were: the mayor, and polecats numbered from 1,
 * since no number is given twice and no row leaves the roster.
 */
export const agentNames = (agents: number): AgentName[] =>
  agents === 0
    ? []
    : ["mayor", ...Array.from({ length: agents - 1 }, (_, index): AgentName => `polecat-${index + 1}`)];
