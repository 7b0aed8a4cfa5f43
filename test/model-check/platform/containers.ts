import type { Context } from "./context.ts";

type State =
  | { readonly status: "running" | "healthy" | "stopped" }
  | { readonly status: "code"; readonly code: number };

const STATE = "__CF_CONTAINER_STATE";
/** Only how `1h` is written matters here: the one duration that Curfew gives it. */
const HOUR_MS = 3_600_000;

/**
 * What Curfew uses of @cloudflare/containers 0.3.7, with its habits: any touch of the object writes
 * (a table, a key, an alarm), a start writes before it starts, starts join each other,
 * `stop` only asks, `destroy` leaves everything but the process, and the end is told by a later alarm.
 */
export class Container {
  readonly ctx: Context;
  readonly env: unknown;
  defaultPort = 0;
  sleepAfter = "";
  envVars: Record<string, string> = {};
  #starting: Promise<void> | null = null;
  #expiresAt = 0;

  constructor(ctx: Context, env: unknown) {
    this.ctx = ctx;
    this.env = env;
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS container_schedules (callback TEXT NOT NULL, time INTEGER NOT NULL)",
    );
    void ctx.blockConcurrencyWhile(async () => {
      void ctx.storage.setAlarm(Date.now() + 1000);
      await ctx.storage.sync();
      this.renewActivityTimeout();
    });
    if (ctx.container.running) this.#watch();
  }

  get #state(): State {
    return (this.ctx.storage.kv.get(STATE) as State | undefined) ?? { status: "stopped" };
  }

  #setState(state: State): void {
    this.ctx.storage.kv.put(STATE, state);
  }

  renewActivityTimeout(): void {
    this.#expiresAt = Date.now() + HOUR_MS;
  }

  #watch(): void {
    void this.#noteEnd(this.ctx.container.monitor());
  }

  async #noteEnd(end: Promise<number>): Promise<void> {
    this.#setState({ status: "code", code: await end });
    await this.ctx.storage.setAlarm(Date.now());
  }

  async startAndWaitForPorts({ ports }: { ports: number }): Promise<void> {
    await this.#tellEnd();
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    await this.#starting;
    await this.waitForPort({ portToCheck: ports });
    await this.ctx.blockConcurrencyWhile(async () => {
      this.#setState({ status: "healthy" });
    });
  }

  async #start(): Promise<void> {
    if (this.ctx.container.running) return;
    this.renewActivityTimeout();
    void this.ctx.storage.setAlarm(Date.now() + 1000);
    await this.ctx.storage.sync();
    if (!this.ctx.container.running) {
      this.ctx.container.start({ env: this.envVars });
      this.#watch();
      this.#setState({ status: "running" });
    }
    await this.waitForPort({ portToCheck: this.defaultPort });
  }

  async waitForPort({ portToCheck }: { portToCheck: number }): Promise<void> {
    await this.ctx.container.getTcpPort(portToCheck).fetch();
  }

  async stop(): Promise<void> {
    this.ctx.container.signal();
    await this.#tellEnd();
  }

  async destroy(): Promise<void> {
    await this.ctx.container.destroy();
  }

  async schedule(seconds: number, callback: string): Promise<void> {
    const at = Date.now() + seconds * 1000;
    this.ctx.storage.sql.exec("INSERT INTO container_schedules VALUES (?, ?)", callback, at);
    await this.ctx.storage.setAlarm(at);
  }

  async listSchedules(callback: string): Promise<unknown[]> {
    return this.ctx.storage.sql
      .exec("SELECT * FROM container_schedules WHERE callback = ?", callback)
      .toArray();
  }

  async scheduleNextAlarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + 1000);
  }

  async alarm(): Promise<void> {
    const { sql } = this.ctx.storage;
    const rows = sql.exec("SELECT rowid AS id, * FROM container_schedules").toArray();
    for (const row of rows) {
      if (Number(row["time"]) > Date.now()) continue;
      await (this as unknown as Record<string, () => Promise<void>>)[String(row["callback"])]?.();
      sql.exec("DELETE FROM container_schedules WHERE rowid = ?", Number(row["id"]));
    }
    const next = Number(
      sql.exec("SELECT MIN(time) AS next FROM container_schedules").toArray()[0]?.["next"] ?? 0,
    );
    if (!this.ctx.container.running) {
      await this.#tellEnd();
      await (next === 0 ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(next));
      return;
    }
    if (Date.now() >= this.#expiresAt) {
      await this.onActivityExpired();
      this.renewActivityTimeout();
    }
    await this.ctx.storage.setAlarm(next === 0 ? this.#expiresAt : Math.min(next, this.#expiresAt));
  }

  async #tellEnd(): Promise<void> {
    const state = this.#state;
    if (this.ctx.container.running || state.status === "stopped") return;
    await this.onStop({ exitCode: state.status === "code" ? state.code : 0, reason: "exit" });
    if (this.#state === state) this.#setState({ status: "stopped" });
  }

  async onStop(_exit: { exitCode: number; reason: string }): Promise<void> {}
  async onError(_error: unknown): Promise<void> {}
  async onActivityExpired(): Promise<void> {}
}
