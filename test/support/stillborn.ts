import { stillbornReceipt as ofRoom } from "../../src/lifecycle/receipt.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { NOTHING_TOLD } from "../../src/town/end/known.ts";

/** The receipt of a town that had never lived. */
export const stillbornReceipt = (room: string, cause: string, now: number): Receipt => ({
  ...ofRoom(room, cause, now),
  ...NOTHING_TOLD,
});
