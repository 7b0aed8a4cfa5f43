import { generateSignedCookie } from "hono/cookie";
import { parseSigned } from "hono/utils/cookie";
import * as v from "valibot";
import { UserId } from "../protocol/primitives.ts";

/** What a session is signed with: both are in its key, so that changing either ends all sessions. */
export interface SessionSecrets {
  readonly CURFEW_TOKEN: string;
  readonly CURFEW_SECRET: string;
}

export const SESSION_MS = 30 * 86_400_000;

const Session = v.object({
  user: UserId,
  issuedAt: v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)),
});

/** Cookies are shared by all ports of a host, and two instances may run side by side. */
const cookieName = (url: URL): string => `curfew_${url.port || (url.protocol === "https:" ? "443" : "80")}`;

const bytes = (text: string) => new TextEncoder().encode(text);

const sessionKey = async (secrets: SessionSecrets): Promise<ArrayBuffer> => {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(secrets.CURFEW_SECRET), hmac, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, bytes(`curfew session\0${secrets.CURFEW_TOKEN}`));
};

/** The value of a `Set-Cookie` header that signs `user` in at `url`'s host and port. */
export const sessionCookie = async (
  secrets: SessionSecrets,
  user: UserId,
  url: URL,
  now: number,
): Promise<string> =>
  generateSignedCookie(cookieName(url), `${user}.${now}`, await sessionKey(secrets), {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: url.protocol === "https:",
    maxAge: SESSION_MS / 1000,
  });

/** Who the request's cookie says is signed in; `null` if nobody, or not any more. */
export const sessionUser = async (
  secrets: SessionSecrets,
  request: Request,
  now: number,
): Promise<UserId | null> => {
  const header = request.headers.get("cookie");
  if (!header) return null;
  const name = cookieName(new URL(request.url));
  const { [name]: value } = await parseSigned(header, await sessionKey(secrets), name);
  if (!value) return null;
  const [user, issuedAt] = value.split(".");
  const session = v.safeParse(Session, { user, issuedAt });
  if (!session.success) return null;
  return now - session.output.issuedAt < SESSION_MS ? session.output.user : null;
};
