/** What of a client's request the service may see. */
const OUT = ["accept"] as const;

/** What of the service's answer a client may see. */
const BACK = ["content-type", "retry-after", "retry-after-ms", "x-request-id", "x-should-retry"] as const;

const pick = (from: Headers, names: readonly string[]): Headers => {
  const picked = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
};

/** The headers that go to the service: only these, and the key that the client never has. */
export const requestHeaders = (client: Headers, key: string | null): Headers => {
  const headers = pick(client, OUT);
  headers.set("content-type", "application/json");
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  return headers;
};

/** The headers that come back. */
export const responseHeaders = (service: Headers): Headers => {
  const headers = pick(service, BACK);
  headers.set("cache-control", "no-store");
  return headers;
};
