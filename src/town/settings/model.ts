import type { RuntimeOrder } from "../../protocol/container/order.ts";
import type { ModelSettings } from "../ports.ts";
import type { Tx } from "../tx.ts";

/** The town's own model, else the instance's. */
export const modelOf = (tx: Tx): ModelSettings | null => tx.town.model ?? tx.world.defaultModel;

/** What the town's setting means now: `auto` is opencode with a model, else the script runtime. */
export const runtimeOf = (tx: Tx): RuntimeOrder => {
  const { runtime } = tx.town;
  const model = modelOf(tx);
  if (Array.isArray(runtime)) return { kind: "command", command: runtime, model: model?.model ?? null };
  if (runtime === "script" || model === null) return { kind: "script" };
  return { kind: "opencode", model: model.model };
};
