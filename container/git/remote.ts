import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GitFault } from "./fault.ts";

/** A rig's repository as git reaches it. */
export type Remote =
  | {
      readonly protocol: "https" | "http";
      readonly url: string;
      /** With the port, where it isn't the protocol's own. */
      readonly host: string;
      /** Scheme, host and port. */
      readonly origin: string;
    }
  | { readonly protocol: "ssh"; readonly url: string; readonly host: string }
  | {
      readonly protocol: "file";
      readonly url: string;
      /** The folder on this machine. */
      readonly folder: string;
    };

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const SCP_LIKE = /^[\w.-]+@([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)/;

const refuse = (why: string): never => {
  throw new GitFault("address", `The rig's address ${why}.`);
};

const local = (url: string, path: string): Remote => {
  // As git does: `name` stands for `name.git` where only that is there.
  const folder = !existsSync(path) && existsSync(`${path}.git`) ? `${path}.git` : path;
  return { protocol: "file", url, folder };
};

/**
 * @param gitUrl as a rig's order has it
 * @throws GitFault of kind `address`
 */
export const parseRemote = (gitUrl: string): Remote => {
  if (isAbsolute(gitUrl)) return local(gitUrl, gitUrl);
  // The home of the person whose machine it is, not the one that a container's process is given.
  if (gitUrl.startsWith("~/")) return parseRemote(join(userInfo().homedir, gitUrl.slice(2)));
  const scpLike = SCP_LIKE.exec(gitUrl);
  if (scpLike) return { protocol: "ssh", url: gitUrl, host: scpLike[1] as string };
  const url = URL.canParse(gitUrl) ? new URL(gitUrl) : refuse("is neither a URL nor an absolute path");
  // In a web address even a user name may be a token.
  const secret = url.protocol === "ssh:" ? url.password : url.username + url.password;
  if (secret !== "") refuse("holds a user or password, which belongs into the rig's credential");
  switch (url.protocol) {
    case "file:":
      return url.host === "" ? local(gitUrl, fileURLToPath(url)) : refuse("names a file on another host");
    case "ssh:":
      return { protocol: "ssh", url: gitUrl, host: url.hostname };
    case "http:":
      if (!LOOPBACK.has(url.hostname)) refuse("is http; only https is safe beyond this machine");
      return { protocol: "http", url: gitUrl, host: url.host, origin: url.origin };
    case "https:":
      return { protocol: "https", url: gitUrl, host: url.host, origin: url.origin };
    default:
      return refuse("must be an https, ssh or file URL, or an absolute path");
  }
};

/** Whether two repositories are reached on the same host in the same way, so that a credential is for both. */
export const isSameHost = (one: Remote, other: Remote): boolean => {
  if ("origin" in one) return "origin" in other && one.origin === other.origin;
  return one.protocol === "ssh" && other.protocol === "ssh" && one.host === other.host;
};
