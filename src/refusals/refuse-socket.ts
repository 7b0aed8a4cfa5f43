/**
 * Accepts a WebSocket and closes it at once: a browser sees only an anonymous 1006 when an upgrade is
 * answered with a 4xx, so this is the way to say why.
 */
export const refuseSocket = (code: number, reason: string): Response => {
  const pair = new WebSocketPair();
  pair[1].accept();
  pair[1].close(code, reason);
  return new Response(null, { status: 101, webSocket: pair[0] });
};
