import { containerProcesses } from "../support/containers.ts";
import { Curfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { startTurnpike, type Turnpike } from "../support/turnpike.ts";

/** An instance that is made to be killed: its containers come by a turnpike, and losses are seen soon. */
export interface Instance extends AsyncDisposable {
  readonly curfew: Curfew;
  readonly turnpike: Turnpike;
  /** Resolves when the Worker is back. */
  killWorkerd(): Promise<void>;
  /** The script of `npm start`, with its engine; resolves when the next start is open. */
  killScript(): Promise<void>;
}

const SOON = { CURFEW_LEASE: "8s", CURFEW_GRACE: "5s", CURFEW_RETRY_BASE: "100ms" };

/** @param env settings beside those that make losses seen soon */
export const startInstance = async (env: Readonly<Record<string, string>> = {}): Promise<Instance> => {
  const port = await freePort();
  await using stack = new AsyncDisposableStack();
  const turnpike = stack.use(await startTurnpike(port));
  const curfew = stack.use(new Curfew(port, { env: { ...SOON, ...env, CURFEW_URL: turnpike.url } }));
  await curfew.start();
  const rest = stack.move();
  return {
    curfew,
    turnpike,
    killWorkerd: async () => {
      const from = curfew.printed.length;
      for (const pid of curfew.workerdPids()) process.kill(pid, "SIGKILL");
      await curfew.says("The Worker is back.", from);
    },
    killScript: async () => {
      await curfew.kill("SIGKILL");
      await eventually(
        "the end of all that the script had started",
        () => [...curfew.serving(), ...containerProcesses(curfew)],
        (left) => left.length === 0,
      );
      await curfew.start();
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
};
