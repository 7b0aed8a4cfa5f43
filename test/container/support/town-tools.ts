import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { offerMayorTools, offerPolecatTools } from "../../../src/mcp/agent-tools.ts";
import type { Bead, BeadStatus, NewBead } from "../../../src/protocol/bead.ts";
import type { PageQuery } from "../../../src/protocol/page.ts";
import { type Answer, problem } from "../../../src/protocol/problem.ts";
import { NO_USAGE } from "../../../src/protocol/usage.ts";
import type { TownRpc } from "../../../src/rooms/town.ts";

const ok = <T>(value: T): Answer<T> => ({ ok: true, value });

/** A town without storage, behind the real tools. */
export class ToolTown {
  readonly rigs: { readonly name: string; readonly failed?: string }[] = [{ name: "app" }];
  readonly beads: Bead[] = [];
  readonly noChange: string[] = [];

  /** The tools as the Worker serves them, for requests that carry `token`. */
  handler(token: string, role: "mayor" | "polecat"): (request: Request) => Promise<Response> {
    const caller = { agent: role === "mayor" ? "mayor" : "polecat-1", process: "p1" };
    const offer = role === "mayor" ? offerMayorTools : offerPolecatTools;
    const { fetch } = createMcpHandler(() => {
      const server = new McpServer({ name: "curfew", version: "1" }, { capabilities: { tools: {} } });
      offer(server, { town: this.#rpc(), caller });
      return server;
    });
    return async (request) =>
      request.headers.get("authorization") === `Bearer ${token}`
        ? fetch(request)
        : new Response("who are you", { status: 401 });
  }

  #rpc(): TownRpc {
    const town: Partial<Record<keyof TownRpc, unknown>> = {
      identify: async () => ok({ runId: "r1", fence: 1, message: "m1", bead: "b1" }),
      rigs: async () =>
        ok({
          items: this.rigs.map(({ name, failed = null }) => ({
            name,
            branch: failed === null ? "main" : null,
            gates: [],
            state: failed === null ? "ready" : "failed",
            reason: failed,
          })),
          next: null,
        }),
      beads: async ({ limit, status }: PageQuery<BeadStatus>) => {
        const some = this.beads.filter((bead) => status === null || bead.status === status).toReversed();
        return ok({ items: some.slice(0, limit), next: some.length > limit ? "WzFd" : null });
      },
      sling: async (order: NewBead) => {
        const failed = this.rigs.find(({ name }) => name === order.rig)?.failed;
        return failed === undefined
          ? ok(this.sling(order))
          : { ok: false, problem: problem("conflict", `Rig "${order.rig}" can't be used: ${failed}`) };
      },
      cancelBead: async (id: string) => {
        const bead = this.beads.find((bead) => bead.id === id);
        return bead
          ? ok({ ...bead, status: "cancelled" })
          : { ok: false, problem: problem("not-found", `There is no bead ${id}.`) };
      },
      describe: async () =>
        ok({
          name: "Oz",
          container: { state: "awake", why: "It has work to do." },
          agents: { working: 1, waiting: 0, total: 2 },
          beads: { open: this.beads.length, in_progress: 0, in_review: 0, closed: 0, failed: 0 },
          usage: NO_USAGE,
        }),
      declareNoChange: async (_caller: unknown, reason: string) => {
        this.noChange.push(reason);
        return ok(null);
      },
    };
    return town as TownRpc;
  }

  sling({ rig, title, body }: NewBead): Bead {
    const bead = { id: `b${this.beads.length + 1}`, rig, title, body, status: "open", reason: null } as Bead;
    this.beads.push(bead);
    return bead;
  }
}
