import type { Storage } from "./storage.ts";

/** Somebody who calls and waits: an instance of a room, or the Worker. Once lost, it hears no answer. */
export interface Caller {
  readonly label: string;
  isAlive: boolean;
  /** Behind its input gate it hears nothing, answers included. */
  isGated(): boolean;
  /** What it wrote must be durable before anybody hears of it; the Worker stores nothing. */
  readonly storage: Storage | null;
}

/** A caller that stores nothing: the Worker, a person. */
export const outsider = (label: string): Caller => ({
  label,
  isAlive: true,
  isGated: () => false,
  storage: null,
});
