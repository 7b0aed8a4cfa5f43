import { randomUUID } from "node:crypto";
import type { Bead, BeadSummary } from "../../src/protocol/bead.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import type { Rig } from "../../src/protocol/rig.ts";
import type { SettingsPatch } from "../../src/protocol/settings.ts";
import type { Town } from "../../src/protocol/town.ts";
import type { Curfew } from "./curfew.ts";
import { makeRepository, type Repository } from "./repository.ts";
import type { Watch } from "./watch.ts";
import { type AgentState, type TownState, watchAgent, watchTown } from "./watch-rooms.ts";

type Message = Entry & { kind: "user" };

/** A bead's body that runs a script. */
export const sh = (script: string): string => `\`\`\`sh\n${script}\n\`\`\``;

/** A town of an instance and the two rooms of it that are always there, watched as a page does. */
export class LiveTown implements Disposable {
  readonly curfew: Curfew;
  readonly id: string;
  readonly room: Watch<TownState>;
  readonly mayor: Watch<AgentState>;

  constructor(curfew: Curfew, id: string) {
    this.curfew = curfew;
    this.id = id;
    this.room = watchTown(curfew, id);
    this.mayor = watchAgent(curfew, id, "mayor");
  }

  /** A call below the town's address, as the owner. @throws Error if it is refused */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.curfew.api<T>(method, `/api/towns/${this.id}${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  configure(patch: SettingsPatch): Promise<Town> {
    return this.call("PATCH", "", patch);
  }

  /** Adds a rig and waits until it was checked. */
  async addRig(rig: { name: string; gitUrl: string; branch?: string; gates?: string[] }): Promise<Rig> {
    await this.call("POST", "/rigs", rig);
    const { rigs } = await this.room.until(`the check of rig ${rig.name}`, ({ rigs }) =>
      rigs.some(({ name, state }) => name === rig.name && state !== "checking"),
    );
    return rigs.find(({ name }) => name === rig.name) as Rig;
  }

  /** @returns the bead's id */
  async sling(rig: string, title: string, script: string): Promise<string> {
    const bead = await this.call<Bead>("POST", "/beads", { rig, title, body: sh(script) });
    return bead.id;
  }

  /** Waits until the bead is as wanted. */
  async bead(id: string, what: string, isWanted: (bead: BeadSummary) => boolean): Promise<BeadSummary> {
    const find = ({ beads }: TownState): BeadSummary | undefined => beads.find((bead) => bead.id === id);
    const state = await this.room.until(`${id} ${what}`, (state) => {
      const bead = find(state);
      return bead !== undefined && isWanted(bead);
    });
    return find(state) as BeadSummary;
  }

  closed(id: string): Promise<BeadSummary> {
    return this.bead(id, "closed", ({ status }) => status === "closed");
  }

  failed(id: string): Promise<BeadSummary> {
    return this.bead(id, "failed", ({ status }) => status === "failed");
  }

  /** Sends a message to the mayor. @returns its id */
  async say(text: string, id: string = randomUUID()): Promise<string> {
    await this.call("POST", "/mayor/messages", { id, text });
    return id;
  }

  /** Waits until a message is in this state. @returns the transcript of then */
  async message(id: string, state: Message["state"]): Promise<readonly Entry[]> {
    const { entries } = await this.mayor.until(`message ${id} ${state}`, ({ entries }) =>
      entries.some((entry) => entry.kind === "user" && entry.message === id && entry.state === state),
    );
    return entries;
  }

  [Symbol.dispose](): void {
    this.room[Symbol.dispose]();
    this.mayor[Symbol.dispose]();
  }
}

export const foundTown = async (curfew: Curfew, name: string): Promise<LiveTown> => {
  const { status, body } = await curfew.api<{ id: string }>("POST", "/api/towns", { name });
  if (status !== 201) throw new Error(`the town was not founded: ${JSON.stringify(body)}`);
  return new LiveTown(curfew, body.id);
};

/** A town with a new repository as its rig `hello`; both end with the stack. */
export const townWithRig = async (
  curfew: Curfew,
  name: string,
  stack: DisposableStack,
  gates: string[] = [],
): Promise<{ readonly town: LiveTown; readonly repository: Repository }> => {
  const repository = stack.use(makeRepository());
  const town = stack.use(await foundTown(curfew, name));
  await town.addRig({ name: "hello", gitUrl: repository.path, gates });
  return { town, repository };
};
