const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request that is authenticated by a cookie was meant by our own page. Browsers add the
 * cookie to what other pages of the same *site* send, and a site has many ports: so whatever changes
 * something must come from our origin and carry a header that a form can't, and a WebSocket, which
 * no browser guards, must come from our origin.
 */
export const isFromOwnPage = (request: Request): boolean => {
  const origin = request.headers.get("origin");
  const own = origin === new URL(request.url).origin;
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return own;
  if (SAFE.has(request.method)) return origin === null || own;
  return own && request.headers.get("x-curfew") === "1";
};
