/** The token of `Authorization: Bearer <token>`; `null` where there is none. */
export const bearerToken = (request: Request): string | null =>
  /^bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
