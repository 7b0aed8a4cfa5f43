import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { temporaryFolder } from "./temporary.ts";

/** A place in shell scripts where whoever comes there waits until the test lets them go on. */
export interface Checkpoint extends Disposable {
  /** One line of `sh`. */
  readonly script: string;
  /** Resolves when so many processes have ever come there. */
  reached(times?: number): Promise<void>;
  /** From now on nobody waits there any more. */
  open(): void;
}

/**
 * Makes the moment of a kill exact without a sleep in the test: the script is there when
 * `reached` resolves, and stays until `open`.
 */
export const makeCheckpoint = (): Checkpoint => {
  const folder = temporaryFolder();
  const sign = join(folder.path, "open");
  const open = (): void => writeFileSync(sign, "");
  const arrivals = (): number => readdirSync(folder.path).filter((name) => name !== "open").length;
  return {
    script: `touch "${folder.path}/$$"; while [ ! -e "${sign}" ]; do sleep 0.05; done`,
    reached: async (times = 1) => {
      await eventually(`arrival ${times} at a checkpoint`, arrivals, (seen) => seen >= times);
    },
    open,
    [Symbol.dispose]: () => {
      // Whoever still waits there is let go before the folder with the sign is.
      if (!existsSync(sign)) open();
      folder[Symbol.dispose]();
    },
  };
};
