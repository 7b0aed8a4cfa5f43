import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { call, receiptOf } from "./ask.ts";
import { room } from "./rooms.ts";
import { townWithRig } from "./scenes.ts";
import { openSocket } from "./socket.ts";
it("closes", async () => {
  const { town, container } = await townWithRig();
  const page = await openSocket(`/parties/town/${town}`);
  await runInDurableObject(room.container(town), ({ faults }) => void faults.add("kill"));
  const t0 = Date.now();
  void page.closed.then((c) => console.log("page closed", Date.now() - t0, JSON.stringify(c)));
  void container.socket.closed.then((c) => console.log("container closed", Date.now() - t0, JSON.stringify(c)));
  await call("DELETE", `/api/towns/${town}`);
  for (let i = 0; i < 6; i++) { await new Promise((r) => setTimeout(r, 500)); console.log(Date.now() - t0, JSON.stringify((await receiptOf(town)).finalizers.map((f) => [f.name, f.state, f.reason])), JSON.stringify((await room.town(town).probe()).receipt?.finalizers.map((f) => [f.name, f.state])));}
}, 20000);
