import * as v from "valibot";
import { Activity } from "../src/protocol/activity.ts";
import { Agent, type AgentStatus } from "../src/protocol/agent.ts";
import {
  Bead,
  type BeadStatus,
  BeadSummary,
  Diff,
  GateResult,
  GateSummary,
  type NewBead,
} from "../src/protocol/bead.ts";
import { Entry } from "../src/protocol/entry.ts";
import type { NewMessage } from "../src/protocol/message.ts";
import { Cursor, type Page, PAGE_ROWS_MAX } from "../src/protocol/page.ts";
import { Seq, UserId } from "../src/protocol/primitives.ts";
import { Problem, Refusal } from "../src/protocol/problem.ts";
import { TownReceipt } from "../src/protocol/receipt.ts";
import { type NewRig, Rig } from "../src/protocol/rig.ts";
import type { NewTown, SettingsPatch } from "../src/protocol/settings.ts";
import { Town, TownSummary } from "../src/protocol/town.ts";

/** Who is signed in, and what this instance has for all towns. */
export const Me = v.object({
  user: UserId,
  instance: v.object({
    model: v.nullable(v.object({ baseUrl: v.string(), model: v.string() })),
    /** Rigs may be paths on the machine that Curfew runs on. */
    local: v.boolean(),
  }),
});
export type Me = v.InferOutput<typeof Me>;

/** For answers of which only the status matters. */
const Anything = v.unknown();

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** @throws Refusal, whatever goes wrong: the server's own, or one that says what did not come */
const call = async <const S extends v.GenericSchema>(
  method: Method,
  path: string,
  answer: S,
  body?: unknown,
): Promise<v.InferOutput<S>> => {
  const headers = new Headers({ accept: "application/json" });
  // Another site's page can't send this header, so the server takes no change without it.
  if (method !== "GET") headers.set("x-curfew", "1");
  if (body !== undefined) headers.set("content-type", "application/json");
  const response = await fetch(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refusal("unavailable", "The server did not answer. Is it running?");
  });
  const json: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const told = v.safeParse(Problem, json);
    if (told.success) throw new Refusal(told.output.kind, told.output.detail);
    throw new Refusal("unexpected", `The server answered ${response.status} and did not say why.`);
  }
  const parsed = v.safeParse(answer, json);
  if (parsed.success) return parsed.output;
  throw new Refusal("unexpected", "The server's answer makes no sense to this page. Reload it.");
};

/** One page of a list. `cursor` is `null` for the newest. */
const page = async <const S extends v.GenericSchema>(
  path: string,
  name: string,
  item: S,
  cursor: Cursor | null,
  query: Readonly<Record<string, string>> = {},
): Promise<Page<v.InferOutput<S>>> => {
  const search = new URLSearchParams({ ...query, ...(cursor !== null && { cursor }) });
  const answer = await call("GET", `${path}?${search}`, v.looseObject({ next: v.nullable(Cursor) }));
  const items = v.safeParse(v.array(item), answer[name]);
  if (!items.success)
    throw new Refusal("unexpected", "The server's answer makes no sense to this page. Reload it.");
  return { items: items.output, next: answer.next };
};

const town = (id: string) => `/api/towns/${id}`;
const bead = (id: string, beadId: string) => `${town(id)}/beads/${beadId}`;

/** Every call of the page. All throw {@link Refusal}. */
export const api = {
  me: () => call("GET", "/api/me", Me),
  towns: (cursor: Cursor) => page("/api/towns", "towns", TownSummary, cursor),
  foundTown: (order: v.InferOutput<typeof NewTown>) => call("POST", "/api/towns", Town, order),
  configure: (id: string, patch: SettingsPatch) => call("PATCH", town(id), Town, patch),
  deleteTown: (id: string) => call("DELETE", town(id), v.object({ receipt: v.string() })),
  receipt: (id: string, verify: boolean) =>
    call("GET", `${town(id)}/receipt${verify ? "?verify=1" : ""}`, TownReceipt),

  addRig: (id: string, rig: NewRig) => call("POST", `${town(id)}/rigs`, Rig, rig),
  removeRig: (id: string, rig: string) => call("DELETE", `${town(id)}/rigs/${rig}`, Anything),

  beads: (id: string, status: BeadStatus, cursor: Cursor | null) =>
    page(`${town(id)}/beads`, "beads", BeadSummary, cursor, { status }),
  bead: (id: string, beadId: string) => call("GET", bead(id, beadId), Bead),
  sling: (id: string, order: NewBead) => call("POST", `${town(id)}/beads`, Bead, order),
  retryBead: (id: string, beadId: string) => call("POST", `${bead(id, beadId)}/retry`, Bead),
  cancelBead: (id: string, beadId: string) => call("POST", `${bead(id, beadId)}/cancel`, Bead),
  diff: (id: string, beadId: string) =>
    call("GET", `${bead(id, beadId)}/diff`, v.object({ diff: v.nullable(Diff) })),
  gates: (id: string, beadId: string) => page(`${bead(id, beadId)}/gates`, "gates", GateSummary, null),
  gate: (id: string, beadId: string, gate: string) =>
    call("GET", `${bead(id, beadId)}/gates/${gate}`, GateResult),

  agents: (id: string, status: AgentStatus, cursor: Cursor | null) =>
    page(`${town(id)}/agents`, "agents", Agent, cursor, { status }),
  agent: (id: string, agent: string) => call("GET", `${town(id)}/agents/${agent}`, Agent),
  activity: (id: string, cursor: Cursor | null) => page(`${town(id)}/activity`, "activity", Activity, cursor),

  say: (id: string, message: NewMessage) =>
    call("POST", `${town(id)}/mayor/messages`, v.object({ seq: Seq }), message),
  cancelTurn: (id: string) => call("POST", `${town(id)}/mayor/cancel`, Anything),
  transcript: (id: string, agent: string, cursor: Cursor) =>
    page(`${town(id)}/agents/${agent}/transcript`, "entries", Entry, cursor, { limit: `${PAGE_ROWS_MAX}` }),
};
