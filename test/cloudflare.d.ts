import type * as cloudflare from "@cloudflare/workers-types/index.ts";

/**
 * What the Worker's own modules name of Cloudflare's types, for tests that run them in Node: all of
 * those types at once would contradict Node's.
 */
declare global {
  type DurableObjectId = cloudflare.DurableObjectId;
  type D1Database = cloudflare.D1Database;
  type Fetcher = cloudflare.Fetcher;
}
