import type { Settlement } from "../rooms/town.ts";
import { NO_TOKENS, type Tokens } from "./tokens.ts";

/** The books of one admitted call. */
export interface Account {
  /** Resolves when the settlement was handed over, or given up; never rejects. */
  readonly settled: Promise<void>;
  /** Settles the call; only the first time counts. Resolves with {@link settled}. */
  settle(status: number, tokens?: Tokens): Promise<void>;
}

/**
 * @param hand hands a settlement to the Town. It is called a second time when it throws, as it does
 *   when the room is reset meanwhile: the Town knows the call by its id, so that twice is once.
 */
export const openAccount = (call: string, hand: (settlement: Settlement) => Promise<unknown>): Account => {
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let open = true;

  const handOver = async (settlement: Settlement) => {
    try {
      await hand(settlement).catch(() => hand(settlement));
    } catch (error) {
      // The reservation stands, so the call is counted, without its tokens.
      console.error(`Model call ${call} could not be settled:`, error);
    }
  };

  return {
    settled,
    settle: (status, tokens = NO_TOKENS) => {
      if (open) {
        open = false;
        void handOver({ call, status, ...tokens }).then(resolve);
      }
      return settled;
    },
  };
};
