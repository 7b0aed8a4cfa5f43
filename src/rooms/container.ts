import type { RunOrder } from "../protocol/container/order.ts";
import type { RunId } from "../protocol/primitives.ts";

/** How a life of the container ended, or that it goes on. */
export type ContainerTruth =
  | { readonly running: true }
  | { readonly running: false; readonly exitCode: number | null; readonly reason: string };

/** The reason of an end of which nothing is known but that it is over. */
export const NOT_RUNNING = "it is not running";

/** One life: the number that every command carries, and what its container is started with. */
export interface Life {
  readonly life: number;
  readonly env: Record<string, string>;
}

/** What became of an order. `boot`: which boot of the control server took it. */
export type Ordered =
  | { readonly taken: true; readonly boot?: string }
  | {
      readonly taken: false;
      readonly truth: ContainerTruth;
      readonly reason: string;
      /**
       * Why it wasn't, where that is nobody's fault: none can be had at present, or somebody else is stopping it,
       * as a cloud does that wants its machine.
       */
      readonly why?: "no-room" | "stopping";
    };

/** The container's object. Any touch of it writes, so nothing only looks at it. */
export interface ContainerRpc {
  /** Makes sure that this life runs, and hands over the order. */
  order(given: Life, order: RunOrder): Promise<Ordered>;
  /** Rejects while the life is not up yet: then it is asked again. */
  cancelRun(life: number, run: RunId, fence: number): Promise<void>;
  /** SIGTERM; the end is told by `containerStopped`. */
  halt(life: number): Promise<ContainerTruth>;
  /** SIGKILL, and the truth after it. */
  kill(life: number): Promise<ContainerTruth>;
  /** The town that this container was last started for. */
  whose(): Promise<string | null>;
  /** Kills, verifies, wipes, and cuts itself off: so it never answers, see `src/town/container/purged.ts`. */
  purge(): Promise<void>;
}
