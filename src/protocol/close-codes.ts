/**
 * Why a WebSocket was closed, as the peer sees it. Every code but `tryAgain` is final: a client that
 * gets it stops connecting.
 */
export const CloseCode = {
  badMessage: 4400,
  whoAreYou: 4401,
  wrongOrigin: 4403,
  notFound: 4404,
  gone: 4410,
  tooOld: 4426,
  tryAgain: 4503,
} as const;

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const FINAL: ReadonlySet<number> = new Set(
  Object.values(CloseCode).filter((code) => code !== CloseCode.tryAgain),
);

/** Whether a client that was closed with `code` must not connect again. */
export const isFinalClose = (code: number): boolean => FINAL.has(code);
