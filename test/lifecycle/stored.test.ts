import * as v from "valibot";
import { expect, test } from "vitest";
import { Saga } from "../../src/lifecycle/saga.ts";
import type { Charter, Vital } from "../../src/lifecycle/vital.ts";
import { Receipt } from "../../src/protocol/receipt.ts";
import { NOTHING_TOLD, TOWN_STEPS, type TownStep, type TownTold } from "../../src/town/end/known.ts";

type TownVital = Vital<Charter, TownStep, TownTold>;

const CHARTER = { id: "one", issuedAt: 1, expiresAt: 2 };

/** What towns have stored of their ends since the first version, as it came out of their storage. */
const DYING = {
  state: "dying",
  charter: CHARTER,
  cause: "closed by its owner",
  startedAt: 10,
  bytesBefore: 139264,
  finalizers: [
    {
      name: "sockets",
      state: "done",
      attempts: 1,
      notBefore: 10,
      doneAt: 11,
      reason: null,
      detail: "0 sockets",
    },
    {
      name: "container",
      state: "due",
      attempts: 2,
      notBefore: 12,
      doneAt: null,
      reason: "reset",
      detail: null,
    },
    { name: "children", state: "due", attempts: 0, notBefore: 10, doneAt: null, reason: null, detail: null },
    { name: "self", state: "due", attempts: 0, notBefore: 10, doneAt: null, reason: null, detail: null },
  ],
} as const;

const DEAD = {
  state: "dead",
  receipt: {
    room: "Town t1",
    state: "gone",
    cause: "closed by its owner",
    startedAt: 10,
    endedAt: 20,
    finalizers: [
      { name: "self", state: "done", attempts: 1, notBefore: 10, doneAt: 20, reason: null, detail: null },
    ],
    bytesBefore: 139264,
    bytesAfter: 4096,
    agents: 2,
    containerExit: "killed",
    branches: [{ rig: "repo", branch: "curfew/t1/b1" }],
  },
} as const;

const sagaOf = (stored: unknown) => {
  let vital = structuredClone(stored) as TownVital;
  const tried: string[] = [];
  const saga = new Saga<Charter, TownStep, TownTold>({
    label: "Town t1",
    finalizers: TOWN_STEPS,
    now: () => 30,
    read: () => vital,
    write: (next) => {
      vital = next;
    },
    arm: () => {},
    bytes: () => 12288,
    onDying: () => {},
    finalize: async (step) => {
      tried.push(step);
      return step;
    },
    describeEnd: () => ({ agents: 2, containerExit: "killed", branches: [] }),
    nothing: NOTHING_TOLD,
    lastWords: async () => {},
    clear: () => {},
    wipe: async () => {},
    sync: async () => {},
    cutOff: () => {},
    withDeadline: (work) => work,
  });
  return { saga, tried };
};

test("R10: a town that was dying before goes on with what was still due, and ends", async () => {
  const { saga, tried } = sagaOf(DYING);
  const receipt = await saga.destroy("once more");
  expect(tried).toEqual(["container", "children"]);
  expect(v.parse(Receipt, receipt)).toEqual(receipt);
  expect(receipt).toMatchObject({
    state: "gone",
    cause: "closed by its owner",
    startedAt: 10,
    endedAt: 30,
    bytesBefore: 139264,
    bytesAfter: 12288,
    agents: 2,
  });
  expect(receipt.finalizers.map(({ name, state }) => [name, state])).toEqual([
    ["sockets", "done"],
    ["container", "done"],
    ["children", "done"],
    ["self", "done"],
  ]);
});

test("R4: a town that was dead before keeps its receipt", async () => {
  const { saga, tried } = sagaOf(DEAD);
  expect(await saga.destroy("once more")).toEqual(DEAD.receipt);
  expect(v.parse(Receipt, saga.receipt())).toEqual(DEAD.receipt);
  expect(tried).toEqual([]);
});
