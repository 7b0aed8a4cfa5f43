import type { Receipt } from "../../src/protocol/receipt.ts";
import { stillbornReceipt } from "../support/stillborn.ts";
import type { Context } from "./platform/context.ts";
import type { Classes } from "./platform/platform.ts";
import { Town, TownContainer, User } from "./rooms.ts";
import { CURFEW } from "./world.ts";

/*
 * The rooms as they are written when nobody minds death: each of these is one of the causes of the
 * report of a service whose deleted towns ran on (its number 1182), put into Curfew's own rooms. They
 * are here to be caught.
 */

const MINUTE_MS = 60_000;

/** The platform's own storage, past what rooms are given of it. */
const storageOf = (room: object): Context["storage"] => (room as { ctx: Context }).ctx.storage;

const withClasses = (worse: Record<string, unknown>): Classes => ({ ...CURFEW, ...worse }) as Classes;

/** Cause 1: deleting a town removes it from the owner's list, and touches nothing that runs. */
class ForgetfulUser extends User {
  override closeTown(town: string) {
    return this.answer(() => {
      this.alive();
      const { env } = this as unknown as { env: { LEDGER: D1Database } };
      storageOf(this).sql.exec("DELETE FROM towns WHERE id = ?", town);
      void env.LEDGER.prepare("DELETE FROM towns WHERE id = ?")
        .bind(town)
        .run()
        .catch(() => undefined);
      return null;
    });
  }
}

/** Cause 2: a town that is destroyed ends its agents, and forgets its container. */
class ContainerlessTown extends Town {
  protected override readonly finalizers = ["sockets", "children", "self"] as never;
}

/** Cause 3: the alarm sets the next one, whatever it found. */
class RestlessTown extends Town {
  override async alarm(): Promise<void> {
    await super.alarm();
    void storageOf(this).setAlarm(Date.now() + MINUTE_MS);
  }
}

/** Cause 4: every alarm asks the container how it is, which starts it. */
class CaringTown extends Town {
  override async alarm(): Promise<void> {
    await super.alarm();
    const { env, name } = this as unknown as { env: Env; name: string };
    await env.TownContainer.getByName(name)
      .health()
      .catch(() => undefined);
  }
}

interface Env {
  readonly TownContainer: { getByName(name: string): { health(): Promise<void> } };
}

class AnsweringContainer extends TownContainer {
  async health(): Promise<void> {
    await this.startAndWaitForPorts({ ports: 8080 });
  }
}

/** Cause 5: the constructor sets the alarm, so that any touch brings it back. */
class RisingTown extends Town {
  constructor(...given: ConstructorParameters<typeof Town>) {
    super(...given);
    void storageOf(this).setAlarm(Date.now() + MINUTE_MS);
  }
}

/**
 * What was shipped as the fix: one try at each thing, errors swallowed, everything forgotten; and an alarm
 * that looks before it works, and sets the next one after.
 */
class CarelessTown extends Town {
  override async destroy({ cause }: { readonly cause: string }): Promise<Receipt> {
    const { vital } = this;
    if (vital.state === "alive" || vital.state === "dying")
      for (const step of this.finalizers)
        await this.#quietly(() => this.finalize(step, { charter: vital.charter, cause }));
    await storageOf(this).deleteAll();
    return stillbornReceipt(this.name, cause, Date.now());
  }

  async #quietly(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch {
      // Nobody hears of it.
    }
  }

  override async alarm(): Promise<void> {
    if (this.vital.state !== "alive") return;
    await super.alarm();
    void storageOf(this).setAlarm(Date.now() + MINUTE_MS);
  }
}

export interface Naive {
  readonly classes?: Classes;
  /** Cause 6: a compatibility date at which `deleteAll` left the alarm. */
  readonly isOld?: boolean;
}

/** The report's causes, in its words, and what was done about them. */
export const NAIVE: Readonly<Record<string, Naive>> = {
  "cause 1 of the 1182 report: deleteTown doesn't call Town.destroy": {
    classes: withClasses({ User: ForgetfulUser }),
  },
  "cause 2 of the 1182 report: neither deletion path destroys the container": {
    classes: withClasses({ Town: ContainerlessTown }),
  },
  "cause 3 of the 1182 report: the alarm re-arms unconditionally": {
    classes: withClasses({ Town: RestlessTown }),
  },
  "cause 4 of the 1182 report: the alarm keeps the container alive": {
    classes: withClasses({ Town: CaringTown, TownContainer: AnsweringContainer }),
  },
  "cause 5 of the 1182 report: the constructor re-arms on any interaction": {
    classes: withClasses({ Town: RisingTown }),
  },
  "cause 6 of the 1182 report: a compatibility date too old for deleteAll to clear alarms": { isOld: true },
  "the fix of the 1182 report: best-effort destroy and unconditional re-arm": {
    classes: withClasses({ Town: CarelessTown }),
  },
};
