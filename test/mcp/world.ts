import type { Rooms } from "../../src/rooms/rooms.ts";
import type { Bead, NewBead } from "../../src/protocol/bead.ts";
import type { NewMessage } from "../../src/protocol/message.ts";
import type { Page } from "../../src/protocol/page.ts";
import { type Answer, problem, type Problem } from "../../src/protocol/problem.ts";
import { NO_USAGE } from "../../src/protocol/usage.ts";
import type { AgentRpc } from "../../src/rooms/agent.ts";
import type { Acting, Caller, TownRpc } from "../../src/rooms/town.ts";
import type { Located, UserRpc } from "../../src/rooms/user.ts";

export const TOWN = `t${"a".repeat(20)}`;
export const CLOSING = `t${"b".repeat(20)}`;
export const ELSEWHERE = `t${"c".repeat(20)}`;

const yes = <T>(value: T): Answer<T> => ({ ok: true, value });
const no = (problem: Problem): Answer<never> => ({ ok: false, problem });

const pageOf = <T>(items: T[]): Page<T> => ({ items, next: null });

const entry = (id: number, kind: "user" | "thought" | "text") =>
  ({ id, kind, text: `${kind} ${id}` }) as never;

/** A room that has these methods; any other is an error, as over RPC. */
const room = <T extends object>(methods: Partial<T>): T => methods as T;

/**
 * One owner with an open and a closing town, which answer as the real rooms do. `calls` is everything
 * that was asked of a room, in order: `<method> <arguments>`.
 */
export class World {
  readonly calls: string[] = [];
  readonly #beads: (Bead & { key: string | undefined })[] = [];
  /** The live run of each process; without one, the process may do nothing. */
  readonly acting = new Map<string, Acting>();

  readonly rooms: Rooms = {
    user: (user) => this.#user(user),
    town: (town) => this.#town(town),
    agent: (town, agent) => this.#agent(`${town}.${agent}`),
  };

  #called(method: string, ...args: unknown[]): void {
    this.calls.push([method, ...args.map((arg) => JSON.stringify(arg))].join(" "));
  }

  #user(user: string): UserRpc {
    const closing = { state: "closing", name: "Old", receipt: { room: "Town" } } as Located;
    const towns: Record<string, Located> = { [TOWN]: { state: "open" }, [CLOSING]: closing };
    const mine = (town: string) => (user === "owner" ? (towns[town] ?? null) : null);
    return room<UserRpc>({
      towns: async () => yes(pageOf([])),
      foundTown: async (name) => {
        this.#called("foundTown", name);
        return yes({ id: TOWN, name } as never);
      },
      locate: async (town) => {
        this.#called("locate", town);
        return yes(mine(town));
      },
      closeTown: async (town, cause) => {
        this.#called("closeTown", town, cause);
        return yes(mine(town) && closing);
      },
    });
  }

  #bead(order: NewBead): Bead {
    const { rig, title, body, key } = order;
    const same = this.#beads.find((bead) => key !== undefined && bead.key === key);
    if (same) return same;
    const bead = {
      id: `b${this.#beads.length + 1}`,
      rig,
      title,
      body: body ?? "",
      key,
      status: "open" as const,
      assignee: null,
      branch: null,
      commit: null,
      base: null,
      mergeCommit: null,
      attempts: 0,
      reason: null,
      retryAt: null,
      held: false,
      usage: NO_USAGE,
      createdAt: 0,
      updatedAt: 0,
      seq: 1,
    };
    this.#beads.push(bead);
    return bead;
  }

  #find(id: string): Answer<Bead> {
    const bead = this.#beads.find((bead) => bead.id === id);
    return bead ? yes(bead) : no(problem("not-found", `The town has no bead ${id}.`));
  }

  #town(town: string): TownRpc {
    this.#called("town", town);
    return room<TownRpc>({
      describe: async () => yes({ id: town, name: "New" } as never),
      rigs: async () => yes(pageOf([])),
      addRig: async (rig) => {
        this.#called("addRig", rig);
        return yes({ name: rig.name, state: "checking" } as never);
      },
      sling: async (order) => {
        this.#called("sling", order);
        return order.rig === "none"
          ? no(problem("not-found", "The town has no rig none."))
          : yes(this.#bead(order));
      },
      beads: async ({ status }) =>
        yes(pageOf(this.#beads.filter((bead) => status === null || bead.status === status).toReversed())),
      bead: async (id) => this.#find(id),
      cancelBead: async (id) => {
        this.#called("cancelBead", id);
        return this.#find(id);
      },
      retryBead: async () => Promise.reject(new Error("the room was reset at line 7")),
      identify: async ({ process }: Caller) => {
        const acting = this.acting.get(process);
        return acting ? yes(acting) : no(problem("forbidden", "The process has no live run."));
      },
      declareNoChange: async (caller, reason) => {
        this.#called("declareNoChange", caller, reason);
        return yes(null);
      },
    });
  }

  #agent(name: string): AgentRpc {
    return room<AgentRpc>({
      say: async (message: NewMessage) => {
        this.#called("say", name, message);
        return yes({ seq: 4 });
      },
      transcript: async (after, query) => {
        this.#called("transcript", after, query);
        const entries = [entry(1, "user"), entry(2, "thought"), entry(3, "text")];
        return yes({ seq: 3, ...pageOf(entries.slice(after ?? 0).toReversed()) });
      },
    });
  }
}
