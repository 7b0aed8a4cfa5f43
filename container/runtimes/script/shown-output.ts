import { plainText } from "../../../src/protocol/text.ts";
import { Tail } from "../../git/tail.ts";

/** A little below the 16 KiB of an entry, for the line that says what is missing. */
const MAX_BYTES = 16 * 1000;

/** The output of a block as the transcript shows it: its end, however long it gets. */
export class ShownOutput {
  readonly #tail = new Tail(MAX_BYTES);
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#bytes += chunk.length;
  }

  /** How many bytes there were. */
  get bytes(): number {
    return this.#bytes;
  }

  get text(): string {
    const missing = this.#bytes - MAX_BYTES;
    const kept = plainText(this.#tail.text());
    return missing > 0 ? `[${missing} bytes before this are left out]\n${kept}` : kept;
  }

  /** The last line with anything on it. */
  get lastLine(): string {
    return plainText(this.#tail.text()).trimEnd().split("\n").at(-1)?.trim() ?? "";
  }
}
