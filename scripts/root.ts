import { dirname, join } from "node:path";

/** The project's folder. */
export const ROOT = dirname(import.meta.dirname);

/** The command of an installed package: a script for Node, whichever `node` is first on the `PATH`. */
export const bin = (name: string): string => join(ROOT, "node_modules", ".bin", name);
