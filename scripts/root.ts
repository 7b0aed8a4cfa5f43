import { dirname, join } from "node:path";

/** The project's folder. */
export const ROOT = dirname(import.meta.dirname);

/** The executable of an installed package. */
export const bin = (name: string): string => join(ROOT, "node_modules", ".bin", name);
