import type { RunOrder } from "../../../src/protocol/container/order.ts";
import { type Machine, machineOf } from "../../../bench/rooms/machine.ts";
import type { Timeline } from "../../../bench/rooms/timeline.ts";
import { Control } from "./control.ts";
import type { Page } from "./page.ts";

/** Everything about a town that is not a room: its machine, what runs there, and who looks at it. */
export class Place {
  readonly town: string;
  readonly machine: Machine;
  /** Every order that its container ever took, in order. */
  readonly orders: { readonly life: number; readonly order: RunOrder }[] = [];
  /** Control servers whose life is over. */
  readonly past: Control[] = [];
  readonly pages: Page[] = [];
  readonly #timeline: Timeline;
  control: Control | null = null;
  #isStopping = false;

  constructor(town: string, timeline: Timeline) {
    this.town = town;
    this.machine = machineOf(town);
    this.#timeline = timeline;
  }

  /** The machine works again as it should, and so does what runs there. */
  mend(): void {
    this.machine.failingKills = 0;
    this.machine.failingStarts = 0;
    if (this.control !== null) this.control.isDeaf = false;
  }

  /** Looks at what the machine was told. @returns whether that was anything new */
  attend(): boolean {
    const { machine } = this;
    let isNew = false;
    if (this.control !== null && !(machine.isRunning && machine.life === this.control.life)) {
      this.control.die();
      this.past.push(this.control);
      this.control = null;
      isNew = true;
    }
    if (this.control === null && machine.isRunning) {
      this.control = new Control(this.town, machine, this.#timeline);
      this.#isStopping = false;
      isNew = true;
    }
    if (machine.isAskedToStop && !this.#isStopping) {
      this.#isStopping = true;
      this.control?.stop();
      isNew = true;
    }
    for (const order of machine.orders.splice(0)) {
      this.orders.push({ life: machine.life, order });
      this.control?.take(order);
      isNew = true;
    }
    for (const run of machine.cancelled.splice(0)) {
      this.control?.cancel(run);
      isNew = true;
    }
    return isNew;
  }
}
