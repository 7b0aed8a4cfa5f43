/** What a request got, in one word: an HTTP status, a close code, the kind of a problem, or the value. */
export type Outcome = number | string | boolean | null;

/** One request that comes too late, and what it should get. */
export interface Late {
  readonly kind: string;
  readonly what: string;
  readonly wanted: Outcome;
  send(): Promise<Outcome>;
}
