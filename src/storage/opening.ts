import {
  bringUpToDate,
  schemaOf,
  standingOf,
  type Migrations,
  type Schema,
  type Standing,
  type Storage,
} from "./migrations.ts";

/** All that opening needs of its room. */
export interface OpeningPorts extends Storage {
  /** The history that this build knows. */
  readonly migrations: () => Migrations;
  /** Runs `work` whole or not at all, what it writes to records included. */
  transaction<T>(work: () => T): T;
  readonly now: () => number;
  /** A migration threw. */
  report(error: unknown): void;
}

/** What a look finds, without changing anything. */
export interface Look extends Schema {
  readonly standing: Standing["kind"];
  /** Why this build can't open it; `null`: it can. */
  readonly shut: string | null;
}

/** A migration that threw is not tried again by every entry that comes: no sooner than after this long. */
const AGAIN_MS = 60_000;

const newer = ({ version, name }: Schema): string =>
  `A newer version of Curfew has written this (${version}, ${name}); this one can't open it.`;
const failing = (migrations: Migrations): string =>
  `This could not be brought up to date (to version ${migrations.length}); it is tried again.`;

/** Undoes what a look tried. */
class Undo extends Error {}

/**
 * The opening of a living room's storage by this build, at the room's first entry of any kind; after it
 * that is one look at memory. What can't be opened is left as it is.
 */
export class Opening {
  readonly #ports: OpeningPorts;
  #isOpen = false;
  #failed: { readonly shut: string; readonly again: number } | null = null;

  constructor(ports: OpeningPorts) {
    this.#ports = ports;
  }

  /**
   * Opens it if it isn't open yet, and brings it up to date for that, in one transaction.
   *
   * @param anew tries again what failed a short while ago
   * @returns why it can't be opened, in a sentence that a socket's close has room for; `null`: it is open
   */
  open(anew = false): string | null {
    if (this.#isOpen) return null;
    if (this.#failed !== null && !anew && this.#ports.now() < this.#failed.again) return this.#failed.shut;
    const ports = this.#ports;
    const migrations = ports.migrations();
    try {
      const standing = ports.transaction(() => bringUpToDate(ports, migrations));
      if (standing.kind === "newer") return newer(this.#schema());
      this.#isOpen = true;
      return null;
    } catch (error) {
      ports.report(error);
      this.#failed = { shut: failing(migrations), again: ports.now() + AGAIN_MS };
      return this.#failed.shut;
    }
  }

  /** Why nothing may be ended here either: what a newer build has written may hold what this one doesn't know. */
  newer(): string | null {
    const schema = this.#schema();
    return standingOf(schema, this.#ports.migrations()).kind === "newer" ? newer(schema) : null;
  }

  /**
   * Which version it is of, and whether this build can open it: tried out and undone, where the room lives.
   * One that is dying is never brought up to date.
   */
  look(state: "alive" | "dying"): Look {
    const schema = this.#schema();
    const { kind } = standingOf(schema, this.#ports.migrations());
    const look = (shut: string | null): Look => ({ ...schema, standing: kind, shut });
    if (kind === "newer") return look(newer(schema));
    return look(kind === "older" && state === "alive" ? this.#tryOut() : null);
  }

  /** What a migration would throw; `null`: nothing. */
  #tryOut(): string | null {
    try {
      return this.#ports.transaction(() => {
        bringUpToDate(this.#ports, this.#ports.migrations());
        throw new Undo();
      });
    } catch (error) {
      if (error instanceof Undo) return null;
      return error instanceof Error ? error.message : String(error);
    }
  }

  #schema(): Schema {
    return schemaOf(this.#ports.kv, this.#ports.migrations());
  }
}
