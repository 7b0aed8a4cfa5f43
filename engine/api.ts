import { type Context, Hono } from "hono";
import * as v from "valibot";
import { CreateBody, Name, SIDE_CAR_IMAGE, StopSeconds, WaitCondition } from "./calls.ts";
import { Container } from "./container.ts";
import type { Household } from "./household.ts";
import { EngineRefusal } from "./refusal.ts";
import { parseSignal } from "./signals.ts";
import { SideCar } from "./side-car.ts";

const parse = <const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> => {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new EngineRefusal(400, v.summarize(result.issues));
};

const json = async (context: Context): Promise<unknown> => {
  try {
    return await context.req.json();
  } catch {
    throw new EngineRefusal(400, "the body is not JSON");
  }
};

/** `container:<side car>`: the container has no network of its own but its side car's. */
const sideCarOf = (networkMode: string): string => {
  const [kind, name] = networkMode.split(":");
  if (kind !== "container") {
    throw new EngineRefusal(501, "this engine runs containers of workerd, with a side car, only");
  }
  return parse(Name, decodeURIComponent(name ?? ""));
};

/** As Docker describes one: workerd reads the status, the image and a side car's published port. */
const describe = (member: Container | SideCar) => {
  if (member instanceof SideCar) {
    const status = member.port === null ? "created" : "running";
    const bindings = member.port === null ? null : [{ HostIp: "127.0.0.1", HostPort: `${member.port}` }];
    return {
      State: { Status: status },
      Config: { Image: member.image },
      NetworkSettings: { Ports: { "39001/tcp": bindings } },
    };
  }
  const { status, order } = member;
  return {
    State: {
      Status: status.state,
      Pid: status.state === "running" ? status.pid : 0,
      ExitCode: status.state === "exited" ? status.exitCode : 0,
    },
    Config: { Image: order.image },
    NetworkSettings: { Ports: {} },
  };
};

/**
 * As much of the Docker Engine API (https://docs.docker.com/reference/api/engine/) as workerd uses:
 * `container-client.c++` in its source is the list. Refusals are Docker's: a status and `{message}`.
 */
export const engineApi = (household: Household, log: (line: string) => void): Hono => {
  const app = new Hono();

  const member = (context: Context) => household.find(context.req.param("name") ?? "");
  const container = (context: Context): Container => {
    const found = member(context);
    if (found instanceof Container) return found;
    throw new EngineRefusal(501, "a side car is started, looked at and removed, nothing else");
  };

  // On Linux workerd listens for the egress of containers on the gateway, so it has to be an address of ours.
  app.get("/networks/bridge", (context) =>
    context.json({
      Name: "bridge",
      Id: "bridge",
      IPAM: { Driver: "default", Config: [{ Subnet: "127.0.0.0/8", Gateway: "127.0.0.1" }] },
    }),
  );

  app.get("/volumes", (context) => context.json({ Volumes: [], Warnings: [] }));

  app.post("/containers/create", async (context) => {
    const name = parse(Name, context.req.query("name"));
    const body = parse(CreateBody, await json(context));
    if (body.Image === SIDE_CAR_IMAGE) {
      household.createSideCar(name, body.Image);
    } else {
      if (body.Cmd.length > 0) {
        throw new EngineRefusal(501, "this engine runs one command: an entrypoint can't be chosen");
      }
      const sideCar = sideCarOf(body.HostConfig.NetworkMode);
      household.create({ name, image: body.Image, environment: body.Env, sideCar });
    }
    return context.json({ Id: name, Warnings: [] }, 201);
  });

  app.get("/containers/:name/json", (context) => context.json(describe(member(context))));

  app.post("/containers/:name/start", async (context) =>
    context.body(null, (await member(context).start()) ? 204 : 304),
  );

  app.post("/containers/:name/wait", async (context) => {
    const condition = parse(WaitCondition, context.req.query("condition"));
    const found = container(context);
    if (condition === "removed") await found.removed;
    return context.json({ StatusCode: await found.exit() });
  });

  app.post("/containers/:name/kill", async (context) => {
    const text = context.req.query("signal") ?? "SIGKILL";
    const signal = parseSignal(text);
    if (!signal) throw new EngineRefusal(400, `no such signal: ${text}`);
    const found = container(context);
    if (await found.signal(signal)) return context.body(null, 204);
    throw new EngineRefusal(409, `Container ${found.order.name} is not running`);
  });

  app.post("/containers/:name/stop", async (context) => {
    const seconds = parse(StopSeconds, context.req.query("t"));
    const isStopped = await container(context).stop(seconds * 1000);
    return context.body(null, isStopped ? 204 : 304);
  });

  app.delete("/containers/:name", async (context) => {
    const found = member(context);
    const isRunning = found instanceof Container && found.status.state === "running";
    if (isRunning && context.req.query("force") !== "true") {
      throw new EngineRefusal(409, `Container ${found.order.name} is running: stop it or force`);
    }
    await household.remove(found);
    return context.body(null, 204);
  });

  app.notFound((context) => {
    const call = `${context.req.method} ${context.req.path}`;
    log(`refused ${call}: not a call that this engine knows`);
    return context.json({ message: `this engine does not know ${call}` }, 501);
  });

  app.onError((error, context) => {
    const status = error instanceof EngineRefusal ? error.status : 500;
    if (status >= 500) log(`${context.req.method} ${context.req.path}: ${error.message}`);
    return context.json({ message: error.message }, status);
  });

  return app;
};
