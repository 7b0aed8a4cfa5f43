import * as v from "valibot";
import { Bead, Diff, GateResult, type NewBead } from "../src/protocol/bead.ts";
import { Entry } from "../src/protocol/entry.ts";
import type { NewMessage } from "../src/protocol/message.ts";
import { Seq, UserId } from "../src/protocol/primitives.ts";
import { Problem, Refusal } from "../src/protocol/problem.ts";
import { TownReceipt } from "../src/protocol/receipt.ts";
import { type NewRig, Rig } from "../src/protocol/rig.ts";
import type { NewTown, SettingsPatch } from "../src/protocol/settings.ts";
import { Town } from "../src/protocol/town.ts";

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

const town = (id: string) => `/api/towns/${id}`;
const bead = (id: string, beadId: string) => `${town(id)}/beads/${beadId}`;

/** Every call of the page. All throw {@link Refusal}. */
export const api = {
  me: () => call("GET", "/api/me", Me),
  foundTown: (order: v.InferOutput<typeof NewTown>) => call("POST", "/api/towns", Town, order),
  configure: (id: string, patch: SettingsPatch) => call("PATCH", town(id), Town, patch),
  deleteTown: (id: string) => call("DELETE", town(id), v.object({ receipt: v.string() })),
  receipt: (id: string, verify: boolean) =>
    call("GET", `${town(id)}/receipt${verify ? "?verify=1" : ""}`, TownReceipt),

  addRig: (id: string, rig: NewRig) => call("POST", `${town(id)}/rigs`, Rig, rig),
  removeRig: (id: string, rig: string) => call("DELETE", `${town(id)}/rigs/${rig}`, Anything),

  sling: (id: string, order: NewBead) => call("POST", `${town(id)}/beads`, Bead, order),
  retryBead: (id: string, beadId: string) => call("POST", `${bead(id, beadId)}/retry`, Bead),
  cancelBead: (id: string, beadId: string) => call("POST", `${bead(id, beadId)}/cancel`, Bead),
  diff: (id: string, beadId: string) =>
    call("GET", `${bead(id, beadId)}/diff`, v.object({ diff: v.nullable(Diff) })),
  gates: (id: string, beadId: string) =>
    call("GET", `${bead(id, beadId)}/gates`, v.object({ gates: v.array(GateResult) })),

  say: (id: string, message: NewMessage) =>
    call("POST", `${town(id)}/mayor/messages`, v.object({ seq: Seq }), message),
  cancelTurn: (id: string) => call("POST", `${town(id)}/mayor/cancel`, Anything),
  transcript: (id: string, agent: string, after: number) =>
    call(
      "GET",
      `${town(id)}/agents/${agent}/transcript?after=${after}`,
      v.object({ seq: Seq, entries: v.array(Entry) }),
    ),
};
