import * as v from "valibot";
import { parseDuration } from "./duration.ts";
import { Seen, SeenText } from "./text.ts";

/** A duration as people write it (`30m`, `5s`), at least a second and at most 30 days. */
const Duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== null, "is a duration such as 30m or 5s"),
  v.check((text) => {
    const ms = parseDuration(text) ?? 0;
    return ms >= 1000 && ms <= 30 * 86_400_000;
  }, "lies between 1s and 30d"),
);

/** An OpenAI-compatible service. `key` is write-only; left out, the key that is there stays. */
export const Model = v.strictObject({
  baseUrl: v.pipe(v.string(), v.url("is not a URL"), v.regex(/^https?:\/\//, "must be an http(s) URL"), Seen),
  model: v.pipe(v.string(), v.trim(), v.minLength(1, "must not be empty"), v.maxLength(200), Seen),
  key: v.optional(v.pipe(v.string(), v.maxLength(4000), v.regex(/^[^\r\n\0]*$/, "is one line"), Seen)),
});
export type Model = v.InferOutput<typeof Model>;

/**
 * Which agent works in the town: `auto` is opencode if a model is configured, else the script runtime;
 * a list is the command of any other agent that speaks ACP.
 */
export const Runtime = v.union([
  v.picklist(["auto", "script", "opencode"]),
  v.pipe(
    v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(500), SeenText)),
    v.minLength(1),
    v.maxLength(20),
  ),
]);
export type Runtime = v.InferOutput<typeof Runtime>;

/** Something to see: the last ones are letters and symbols by their class, and blank. */
const VISIBLE = /[^\p{C}\p{M}\p{Z}\u115f\u1160\u3164\uffa0\u2800]/u;

export const TownName = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "must not be empty"),
  v.maxLength(80, "has at most 80 characters"),
  Seen,
  v.check((name) => VISIBLE.test(name), "must have a character that can be seen"),
);

/** `POST /api/towns` */
export const NewTown = v.strictObject({ name: TownName });

/** `PATCH /api/towns/:town`: what is left out stays. */
export const SettingsPatch = v.strictObject({
  name: v.optional(TownName),
  model: v.optional(v.nullable(Model)),
  runtime: v.optional(Runtime),
  sleepAfter: v.optional(Duration),
  caps: v.optional(
    v.strictObject({
      /** Polecats at work at once. */
      polecats: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20))),
      /** Input plus output tokens of the town's whole life; a call that would start over it is refused. */
      tokens: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)))),
    }),
  ),
});
export type SettingsPatch = v.InferOutput<typeof SettingsPatch>;

/** The settings as answers show them. */
export const Settings = v.object({
  runtime: Runtime,
  /** `null`: none of its own; `fromEnvironment` says whether the instance has one for all. */
  model: v.nullable(v.object({ baseUrl: v.string(), model: v.string(), hasKey: v.boolean() })),
  modelFromEnvironment: v.boolean(),
  sleepAfterMs: v.number(),
  caps: v.object({ polecats: v.number(), tokens: v.nullable(v.number()) }),
});
export type Settings = v.InferOutput<typeof Settings>;
