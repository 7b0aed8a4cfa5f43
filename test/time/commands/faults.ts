import { meter, roomOf } from "../../../bench/rooms/meter.ts";
import { Agent, Town, TownContainer, User } from "../../../bench/rooms/worker.ts";

/** Calls between rooms that may be lost on their way. */
const CALLS = {
  "Agent.destroy": ["agent", Agent, "destroy"],
  "Agent.found": ["agent", Agent, "found"],
  "Agent.told": ["agent", Agent, "told"],
  "Town.take": ["town", Town, "take"],
  "Town.destroy": ["town", Town, "destroy"],
  "Town.containerStopped": ["town", Town, "containerStopped"],
  "User.noteReceipt": ["user", User, "noteReceipt"],
  "User.noteSummary": ["user", User, "noteSummary"],
  "TownContainer.order": ["container", TownContainer, "order"],
  "TownContainer.halt": ["container", TownContainer, "halt"],
  "TownContainer.kill": ["container", TownContainer, "kill"],
  "TownContainer.purge": ["container", TownContainer, "purge"],
} as const;

export type Call = keyof typeof CALLS;
export const FAILING = Object.keys(CALLS) as Call[];

/** What goes wrong: the request is lost, so that nothing happens, or only the answer, or it comes late. */
export type Lost = "request" | "answer" | "late";

/** Longer than a short wait, shorter than anybody's deadline. */
const LATE_MS = 7000;

type Method = (this: object, ...args: unknown[]) => Promise<unknown>;

/** Makes calls between rooms fail, so many times each. */
export class Faults {
  readonly #left = new Map<Call, { times: number; readonly lost: Lost }>();
  readonly #undo: (() => void)[] = [];
  /** Nothing fails as long as it is set. */
  isAside = false;

  constructor() {
    for (const call of FAILING) this.#attach(call);
  }

  fail(call: Call, times: number, lost: Lost): void {
    this.#left.set(call, { times, lost });
  }

  /** Nothing fails from now on. */
  lift(): void {
    this.#left.clear();
  }

  /** Gives the rooms their methods back. */
  end(): void {
    for (const undo of this.#undo) undo();
  }

  #next(call: Call): Lost | null {
    const fault = this.#left.get(call);
    if (this.isAside || fault === undefined || fault.times === 0) return null;
    fault.times -= 1;
    return fault.lost;
  }

  #attach(call: Call): void {
    const [kind, { prototype }, name] = CALLS[call];
    const real = Object.getOwnPropertyDescriptor(prototype, name);
    if (real === undefined) throw new Error(`there is no ${call}`);
    const next = (): Lost | null => this.#next(call);
    const value: Method = async function (...args) {
      const lost = next();
      if (lost === "request") throw new Error(`${call} was lost`);
      if (lost === "late")
        await meter.track(roomOf(kind, this), new Promise((resolve) => setTimeout(resolve, LATE_MS)));
      const answer = await (real.value as Method).apply(this, args);
      if (lost === "answer") throw new Error(`the answer of ${call} was lost`);
      return answer;
    };
    Object.defineProperty(prototype, name, { ...real, value });
    this.#undo.push(() => Object.defineProperty(prototype, name, real));
  }
}
