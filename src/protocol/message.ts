import * as v from "valibot";

/** `POST /api/towns/:town/mayor/messages`. `id` is the client's: sent again, it is the same message. */
export const NewMessage = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, "is 1 to 64 letters, digits, - or _")),
  text: v.pipe(
    v.string(),
    v.check((text) => text.trim() !== "", "must not be empty"),
    v.maxLength(100_000, "has at most 100,000 characters"),
  ),
});
export type NewMessage = v.InferOutput<typeof NewMessage>;
