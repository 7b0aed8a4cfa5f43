import { randomUUID } from "node:crypto";
import type { Curfew } from "../../support/curfew.ts";
import { eventually } from "../../support/eventually.ts";
import { type Running, runningWith } from "../../support/processes.ts";

/** An answer of the version that is driven; nothing here depends on the schemas of this one. */
// oxlint-disable-next-line typescript/no-explicit-any -- another version's answer has no type here
export type Answer = any;

export const block = (script: string): string => `\`\`\`sh\n${script}\n\`\`\``;

/** A town, driven over HTTP as a person does with `curl`. */
export class OldTown {
  readonly curfew: Curfew;
  readonly id: string;

  constructor(curfew: Curfew, id: string) {
    this.curfew = curfew;
    this.id = id;
  }

  /** @throws Error if it is refused */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.curfew.api(method, `/api/towns/${this.id}${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Asks until the answer is as wanted. */
  until(what: string, path: string, isWanted: (answer: Answer) => boolean): Promise<Answer> {
    return eventually(what, () => this.call("GET", path), isWanted);
  }

  async addRig(name: string, gitUrl: string, gates: readonly string[] = []): Promise<void> {
    await this.call("POST", "/rigs", { name, gitUrl, gates });
    await this.until(`the check of ${name}`, "/rigs", ({ rigs }) =>
      rigs.some((rig: Answer) => rig.name === name && rig.state !== "checking"),
    );
  }

  /** @returns the bead's id */
  async sling(rig: string, title: string, script: string): Promise<string> {
    return (await this.call("POST", "/beads", { rig, title, body: block(script) })).id;
  }

  bead(id: string, what: string, isWanted: (bead: Answer) => boolean): Promise<Answer> {
    return this.until(`${id} ${what}`, `/beads/${id}`, isWanted);
  }

  async say(text: string): Promise<string> {
    const id = randomUUID();
    await this.call("POST", "/mayor/messages", { id, text });
    return id;
  }

  async ask(text: string): Promise<void> {
    const id = await this.say(text);
    await this.until(`an answer to ${text}`, "/mayor/messages", ({ entries }) =>
      entries.some((entry: Answer) => entry.message === id && entry.state === "done"),
    );
  }

  /** Waits until a polecat is in the middle of a shell block. */
  inBlock(agent: string): Promise<Answer> {
    return this.until(`a block of ${agent}`, `/agents/${agent}/transcript`, ({ entries }) =>
      entries.some((entry: Answer) => entry.kind === "tool" && entry.status === "in_progress"),
    );
  }

  /** Every process of its container, the control server first. */
  processes(): Running[] {
    const all = runningWith("CURFEW_TOWN", this.id);
    const isServer = ({ command }: Running): boolean => command.includes("container/main.ts");
    return [...all.filter(isServer), ...all.filter((one) => !isServer(one))];
  }

  async asleep(): Promise<void> {
    await this.until("its sleep", "", ({ container }) => container.state === "asleep");
  }
}

export const found = async (curfew: Curfew, name: string): Promise<OldTown> => {
  const { status, body } = await curfew.api<{ id: string }>("POST", "/api/towns", { name });
  if (status !== 201) throw new Error(`${name} was not founded: ${JSON.stringify(body)}`);
  return new OldTown(curfew, body.id);
};
