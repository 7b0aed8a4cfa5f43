import * as v from "valibot";

/** The image that workerd is told to use for side cars; the engine knows them by it. */
export const SIDE_CAR_IMAGE = "curfew-side-car:engine";

/** Docker's rule for names. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

export const Name = v.pipe(v.string(), v.regex(NAME, "not a container's name"));

const EnvironmentEntry = v.pipe(v.string(), v.regex(/^[^=\0]+=[^\0]*$/, "an environment entry is KEY=value"));

const list = <const S extends v.GenericSchema>(item: S) => v.nullish(v.array(item), []);

/** `POST /containers/create`: what the engine reads of it. */
export const CreateBody = v.object({
  Image: v.pipe(v.string(), v.minLength(1)),
  Env: list(EnvironmentEntry),
  Cmd: list(v.string()),
  HostConfig: v.nullish(v.object({ NetworkMode: v.nullish(v.string(), "") }), { NetworkMode: "" }),
});

/** `POST /containers/…/wait`: what to wait for. */
export const WaitCondition = v.optional(v.picklist(["not-running", "removed"]), "not-running");

/** `POST /containers/…/stop`: seconds of patience. */
export const StopSeconds = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,4}$/, "a number of seconds"), v.transform(Number)),
  "10",
);

/** `PUT /egress` of a side car. */
export const EgressBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ internet: v.nullish(v.object({ enabled: v.boolean() })) }),
);
