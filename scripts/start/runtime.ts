import { dirname, join } from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4MiniflareOptions } from "miniflare";
import type { Plan } from "../build/worker-plan.ts";
import { ROOT } from "../root.ts";

/** What the Worker runs with here. */
export interface RuntimeOptions {
  readonly plan: Plan;
  /** The file of the Worker's code. */
  readonly script: string;
  readonly hostname: string;
  readonly port: number;
  /** Where the Worker's storage is kept. */
  readonly persistTo: string;
  /** What runs containers: the address of Docker or of what stands for it. */
  readonly engine: { readonly address: string; readonly sideCarImage: string };
  /** The image of all containers. */
  readonly image: string;
  /** What the Worker gets beside the bindings of the plan. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** In the folder `v3`, where wrangler would look for it, too. */
const shared = (persistTo: string) => ({
  resourcePersistencePath: join(persistTo, "v3"),
  /** It would be asked of a server on the Internet. */
  cf: false,
  logRequests: false,
  log: new Log(LogLevel.WARN),
});

const whole = (options: RuntimeOptions): V4MiniflareOptions => {
  const { plan, script, hostname, port, persistTo, engine, image, secrets } = options;
  const { assets, durableObjects, ...rest } = plan.options;
  const withImage = Object.entries(durableObjects).map(([name, one]) => [
    name,
    one.container === undefined ? one : { ...one, container: { imageName: image } },
  ]);
  return {
    ...shared(persistTo),
    host: hostname,
    port,
    containerEngine: {
      localDocker: { socketPath: engine.address, containerEgressInterceptorImage: engine.sideCarImage },
    },
    workers: [
      {
        ...rest,
        name: plan.name,
        modules: true,
        modulesRoot: dirname(script),
        scriptPath: script,
        bindings: secrets,
        durableObjects: Object.fromEntries(withImage),
        assets: { ...assets, directory: join(ROOT, assets.directory) },
      },
    ],
  };
};

/** The Worker in workerd, with nothing in front of it and no door for developers. */
export class Runtime implements AsyncDisposable {
  readonly #miniflare: Miniflare;

  private constructor(miniflare: Miniflare) {
    this.#miniflare = miniflare;
  }

  /** @throws Error if workerd doesn't take the Worker */
  static async open(options: RuntimeOptions): Promise<Runtime> {
    const miniflare = new Miniflare(convertV4MiniflareOptions(whole(options)));
    try {
      await miniflare.ready;
    } catch (error) {
      await miniflare.dispose();
      throw error;
    }
    return new Runtime(miniflare);
  }

  /** What the cloud does by the cron triggers of the plan. */
  async runScheduled(cron: string): Promise<void> {
    const worker = await this.#miniflare.getWorker();
    await worker.scheduled({ cron });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#miniflare.dispose();
  }
}

/** A database of the plan alone, with no Worker that could use it meanwhile. */
export const withDatabase = async (
  plan: Plan,
  binding: string,
  persistTo: string,
  use: (database: D1Database) => Promise<void>,
): Promise<void> => {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...shared(persistTo),
      workers: [
        {
          name: plan.name,
          compatibilityDate: plan.options.compatibilityDate,
          modules: true,
          script: "export default {};",
          d1Databases: plan.options.d1Databases,
        },
      ],
    }),
  );
  try {
    await use(await miniflare.getD1Database(binding));
  } finally {
    await miniflare.dispose();
  }
};
