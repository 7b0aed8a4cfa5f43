/** `1 agent`, `3 agents`. */
export const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;
