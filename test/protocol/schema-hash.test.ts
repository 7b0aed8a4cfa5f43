import { createHash } from "node:crypto";
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { expect, test } from "vitest";
import { NewBead } from "../../src/protocol/bead.ts";
import { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import { AgentDown, AgentUp } from "../../src/protocol/container/agent-up.ts";
import { CancelOrder, RunOrder } from "../../src/protocol/container/order.ts";
import { TownDown, TownUp } from "../../src/protocol/container/town-up.ts";
import { NewMessage } from "../../src/protocol/message.ts";
import { OrphansAnswer, OrphansOrder } from "../../src/protocol/orphans.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { TownReceipt } from "../../src/protocol/receipt.ts";
import { NewRig } from "../../src/protocol/rig.ts";
import { NewTown, SettingsPatch } from "../../src/protocol/settings.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";

/** Every message on a wire, by name; what they are made of is in them. */
const MESSAGES: Readonly<Record<string, GenericSchema>> = {
  UserFrame,
  TownFrame,
  AgentFrame,
  TownUp,
  TownDown,
  AgentUp,
  AgentDown,
  RunOrder,
  CancelOrder,
  NewTown,
  SettingsPatch,
  NewRig,
  NewBead,
  NewMessage,
  Problem,
  TownReceipt,
  OrphansOrder,
  OrphansAnswer,
};

/** The first characters of the SHA-256 of each message's JSON schema, by the version of the protocol. */
const KNOWN: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  1: {
    UserFrame: "2f30ec017cfb",
    TownFrame: "e400e83c667d",
    AgentFrame: "50a1242846e6",
    TownUp: "9e312693454b",
    TownDown: "814c633a85eb",
    AgentUp: "3c3848d73718",
    AgentDown: "4a7500f91014",
    RunOrder: "79c928e854c4",
    CancelOrder: "277d719aad5d",
    NewTown: "5c6020404172",
    SettingsPatch: "bfebc7eba979",
    NewRig: "d6dfab272a04",
    NewBead: "f86f66b2ba9e",
    NewMessage: "0c8038874cd9",
    Problem: "5129c87b18b5",
    TownReceipt: "9bf518e3def5",
    OrphansOrder: "25ce83240cea",
    OrphansAnswer: "8f419cd921ec",
  },
  2: {
    UserFrame: "db445425bb02",
    TownFrame: "343ed196249f",
    AgentFrame: "6cd952352b1d",
    TownUp: "0388f9d2590b",
    TownDown: "814c633a85eb",
    AgentUp: "3c3848d73718",
    AgentDown: "4a7500f91014",
    RunOrder: "aa6fd0f57e81",
    CancelOrder: "277d719aad5d",
    NewTown: "5c6020404172",
    SettingsPatch: "bfebc7eba979",
    NewRig: "086952726f7d",
    NewBead: "f86f66b2ba9e",
    NewMessage: "0c8038874cd9",
    Problem: "5129c87b18b5",
    TownReceipt: "1fb116f02f91",
    OrphansOrder: "25ce83240cea",
    OrphansAnswer: "8f419cd921ec",
  },
};

/** JSON with the keys of every object in order, so that only what is said counts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

const hashOf = (schema: GenericSchema): string =>
  createHash("sha256")
    // What JSON Schema has no word for (a check by a function) is left out.
    .update(canonical(toJsonSchema(schema, { errorMode: "ignore", typeMode: "input" })))
    .digest("hex")
    .slice(0, 12);

test("the wire is the one of its version: who changes a message raises PROTOCOL_VERSION", () => {
  const hashes = Object.fromEntries(Object.entries(MESSAGES).map(([name, schema]) => [name, hashOf(schema)]));
  expect(
    hashes,
    `Messages on the wire have changed. Raise PROTOCOL_VERSION in src/protocol/version.ts, say there what
changed, and add these hashes for the new version to KNOWN, under those of version ${PROTOCOL_VERSION}:
${JSON.stringify(hashes, null, 2)}`,
  ).toEqual(KNOWN[PROTOCOL_VERSION]);
});

test("a change anywhere inside a message changes its hash", () => {
  const { properties } = toJsonSchema(NewTown, { errorMode: "ignore" });
  expect(properties).toMatchObject({ name: { type: "string", maxLength: 80 } });
  expect(new Set(Object.values(MESSAGES).map(hashOf)).size).toBe(Object.keys(MESSAGES).length);
});
