import { StringDecoder } from "node:string_decoder";

const LINE = /^\s*# curfew: no change needed\b[\s:,;.–—-]*(.*?)\s*$/;

/** As long as the town's tool takes a reason. */
const MAX_REASON = 2000;
const MAX_LINE = 4 * MAX_REASON;

/** Looks in the output of blocks for the line that says that nothing has to be changed. */
export class NoChangeLine {
  #decoder = new StringDecoder("utf8");
  #rest = "";
  #reason: string | null = null;

  add(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    // The beginning of a long line is enough to know it by.
    this.#rest = (lines.pop() ?? "").slice(0, MAX_LINE);
    lines.forEach((line) => this.#look(line));
  }

  /** A block has ended, and with it its last line. */
  end(): void {
    this.#look(this.#rest + this.#decoder.end());
    this.#rest = "";
  }

  /** What the last such line gives as its reason, which may be empty; `null`: there was none. */
  get reason(): string | null {
    return this.#reason;
  }

  #look(line: string): void {
    const why = LINE.exec(line)?.[1];
    if (why !== undefined) this.#reason = why.slice(0, MAX_REASON);
  }
}
