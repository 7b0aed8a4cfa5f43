import { sign, verify } from "hono/jwt";
import * as v from "valibot";
import { AgentRole } from "../protocol/agent.ts";
import { AgentName, TownId } from "../protocol/primitives.ts";

/**
 * What a process of a town may say that it is. A token has no expiry: it dies when the Town no longer
 * knows the life or the process that it names, which is looked up at each use.
 */
export const Claims = v.variant("kind", [
  /** The control server of one life of the town's container. */
  v.strictObject({
    kind: v.literal("container"),
    town: TownId,
    life: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }),
  /** One process of one agent. */
  v.strictObject({
    kind: v.literal("agent"),
    town: TownId,
    agent: AgentName,
    role: AgentRole,
    process: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  }),
]);
export type Claims = v.InferOutput<typeof Claims>;
export type AgentClaims = Extract<Claims, { kind: "agent" }>;

/** A JWT (HS256) that says `claims`; the same claims give the same token. */
export const mint = (secret: string, claims: Claims): Promise<string> => sign({ ...claims }, secret, "HS256");

/** The claims of a token that was minted with `secret`, or `null`. */
export const readToken = async (secret: string, token: string): Promise<Claims | null> => {
  try {
    const parsed = v.safeParse(Claims, await verify(token, secret, "HS256"));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
};
