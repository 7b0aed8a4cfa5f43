import type { Credential } from "../../src/protocol/rig.ts";

/** Every form in which a credential could turn up in a program's output. */
export const secretsOf = (credential: Credential | null): readonly string[] => {
  if (credential === null) return [];
  if (credential.kind === "ssh") {
    return credential.privateKey.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("-----"));
  }
  const { username, token } = credential;
  return [
    Buffer.from(`${username}:${token}`).toString("base64"),
    token,
    encodeURIComponent(token.toWellFormed()),
    Buffer.from(token).toString("base64"),
  ];
};

/** The text without the secrets, and without what stands before the `@` of a URL's host. */
export const scrub = (text: string, secrets: readonly string[]): string =>
  secrets
    .reduce((rest, secret) => rest.replaceAll(secret, "***"), text)
    .replace(/\b(https?:\/\/)[^/\s@]+@/g, "$1***@");

const LONGEST = 500;

/** The last lines of a program's output, at most 500 characters, on one line. */
export const lastLines = (text: string): string => {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const short = lines.slice(-5).join(" · ");
  return short.length <= LONGEST ? short : `…${short.slice(1 - LONGEST)}`;
};
