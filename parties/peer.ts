import * as v from "valibot";

/** Who is at the other end of a socket: said by the Worker in a header that it strips from clients. */
export const Peer = v.variant("role", [
  v.object({ role: v.literal("viewer") }),
  v.object({ role: v.literal("container"), life: v.number() }),
]);
export type Peer = v.InferOutput<typeof Peer>;

/** Whoever can't be read is a viewer: the role that may only look. */
export const parsePeer = (header: string): Peer => {
  try {
    return v.parse(Peer, JSON.parse(header));
  } catch {
    return { role: "viewer" };
  }
};
