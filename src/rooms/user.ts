import type { Receipt } from "../protocol/receipt.ts";
import type { Charter } from "../lifecycle/vital.ts";
import type { UserId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import type { Page, PageQuery } from "../protocol/page.ts";
import type { Town, TownState, TownSummary } from "../protocol/town.ts";
import type { RoomRpc } from "./room.ts";

export interface UserCharter extends Charter {
  readonly user: UserId;
}

/** Where a town is, as its owner knows it. `null`: never existed, or not theirs. */
export type Located =
  | { readonly state: "open" }
  | { readonly state: "founding" }
  | {
      readonly state: "closing" | "gone";
      readonly name: string;
      readonly foundedAt: number;
      readonly receipt: Receipt;
      /** What went wrong when the owner's room last tried to go on; it tries again. Left out: nothing. */
      readonly waitsFor?: string;
    };

/** The room `User`. */
export interface UserRpc extends RoomRpc<UserCharter> {
  towns(query: PageQuery<TownState>): Promise<Answer<Page<TownSummary>>>;
  foundTown(name: string): Promise<Answer<Town>>;
  locate(town: string): Promise<Answer<Located | null>>;
  /** The one way to end a town. Again: the same. `null`: not theirs. */
  closeTown(town: string, cause: string): Promise<Answer<Located | null>>;
  /** A dying town says what is known of its end before its storage goes. */
  noteReceipt(town: string, receipt: Receipt): Promise<Answer<null>>;
  /** A town says what its owner's list shows of it. */
  noteSummary(summary: Omit<TownSummary, "seq" | "state">): Promise<Answer<null>>;
}
