import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { Verified } from "../../src/verify.ts";
import { call } from "./ask.ts";
import { gone, TOMBSTONE } from "./busy-town.ts";
import { takeClock } from "./clock.ts";
import { dialAgent, ofRun, ordersOf, type PlayedContainer } from "./played-container.ts";
import { room } from "./rooms.ts";
import { sling, townWithRig } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { rows } from "./stored.ts";

const AGENTS = 200;
const POLECATS = AGENTS - 1;
/** The most that a town may have at work at once. */
const AT_ONCE = 20;
/** Of those, the ones that wait for their next try. */
const RETRIED = 5;

type Turn = Pick<TurnOrder, "runId" | "fence" | "agent">;

/** A turn ends without success; `again`: it is due to be tried again. */
const fail = (container: PlayedContainer, turn: Turn, again: boolean): Promise<void> =>
  container.tell({
    type: "turned",
    ...ofRun(turn),
    agent: turn.agent,
    result: { outcome: "failed", reason: "It can't be done.", again },
  });

/** Plays the container until every polecat but the last ones has failed for good, and these are at work. */
const wearOut = async (town: string, container: PlayedContainer): Promise<Turn[]> => {
  for (let told = 0; told < POLECATS - AT_ONCE;) {
    const turns = await soon(async () => {
      const turns = (await ordersOf(town, "turn")).slice(told, POLECATS - AT_ONCE);
      expect(turns).not.toEqual([]);
      return turns;
    });
    for (const turn of turns) await fail(container, turn, false);
    told += turns.length;
  }
  return soon(async () => {
    const turns = (await ordersOf(town, "turn")).slice(-AT_ONCE);
    expect(turns.at(-1)?.agent).toBe(`polecat-${POLECATS}`);
    return turns;
  });
};

afterEach(() => {
  vi.useRealTimers();
});

it(`R15, R16: a town with ${AGENTS} agents in the middle of its work leaves ${AGENTS + 1} tombstones and nothing else`, async () => {
  const { town, container } = await townWithRig();
  await call("PATCH", `/api/towns/${town}`, { caps: { polecats: AT_ONCE } });
  for (let n = 1; n <= POLECATS; n += 1) await sling(town, `Bead ${n}`);
  const atWork = await wearOut(town, container);
  // From here on no alarm rings: what is due to be tried again is still due when the town ends.
  takeClock();
  for (const turn of atWork.slice(0, RETRIED)) await fail(container, turn, true);
  for (const id of ["m1", "m2", "m3"])
    await call("POST", `/api/towns/${town}/mayor/messages`, { id, text: "Hello?" });
  await soon(async () => expect((await ordersOf(town, "turn")).at(-1)?.agent).toBe("mayor"));
  const count = async (what: string) =>
    (await rows(room.town(town), `SELECT COUNT(*) AS n FROM ${what}`))[0]?.["n"];
  expect(await count("agents WHERE founded = 1")).toBe(AGENTS);
  expect(await count("runs WHERE state <> 'ended'")).toBe(AT_ONCE - RETRIED + 1);
  expect(await count("beads WHERE retry_at IS NOT NULL")).toBe(RETRIED);
  await soon(async () => expect(await count("messages")).toBe(3));
  const names = (await rows(room.town(town), "SELECT name FROM agents")).map(({ name }) => String(name));
  const sockets = [
    container.socket,
    (await dialAgent(town, `polecat-${POLECATS}`)).socket,
    ...(await Promise.all(
      [
        `town/${town}`,
        `agent/${town}.mayor`,
        `agent/${town}.polecat-1`,
        `agent/${town}.polecat-${POLECATS}`,
      ].map((path) => openSocket(`/parties/${path}`)),
    )),
  ];

  expect((await call("DELETE", `/api/towns/${town}`)).status).toBe(202);

  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: CloseCode.gone });
  const receipt = await gone(town);
  expect(receipt).toMatchObject({ agents: AGENTS, containerExit: "killed" });
  expect(receipt.finalizers.map(({ name, detail }) => [name, detail])).toEqual([
    ["sockets", "2 sockets"],
    ["container", "killed"],
    ["children", `${AGENTS} agents`],
    ["self", null],
  ]);
  expect(names).toHaveLength(AGENTS);
  for (const probed of await Promise.all(
    [room.town(town), ...names.map((name) => room.agent(town, name))].map((stub) => stub.probe()),
  ))
    expect(probed).toMatchObject(TOMBSTONE);
  expect(await runInDurableObject(room.container(town), ({ life }) => life)).toBeNull();
  await soon(async () =>
    expect(await env.LEDGER.prepare("SELECT state FROM towns WHERE id = ?").bind(town).first("state")).toBe(
      "gone",
    ),
  );

  const { body } = await call<{ verified: Verified }>("GET", `/api/towns/${town}/receipt?verify=1`);
  expect(body.verified.ok).toBe(true);
  expect(body.verified.findings).toHaveLength(AGENTS + 2);
  expect(new Set(body.verified.findings.map(({ found }) => found))).toEqual(
    new Set(["only a tombstone", expect.stringContaining("purged (killed)")]),
  );
}, 120_000);
