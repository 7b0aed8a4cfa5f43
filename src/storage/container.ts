import type { Migrations } from "./migrations.ts";

/**
 * The history of what the container's object stores beside what its library does: only ever appended to.
 * It began with records only. Every version keeps `life` and `dead`: a constructor and an end read them.
 */
export const CONTAINER_MIGRATIONS: Migrations = [{ name: "baseline", up: [] }];
