import { GitFault } from "./fault.ts";
import { isSameHost, parseRemote, type Remote } from "./remote.ts";
import type { Session } from "./session.ts";

/** A relative address (`../other.git`) as git takes it: from the address of the repository that names it. */
export const resolveAddress = (base: string, address: string): string => {
  if (!/^\.\.?\//.test(address)) return address;
  let from = base.replace(/\/+$/, "");
  let rest = address;
  for (;;) {
    if (rest.startsWith("./")) rest = rest.slice(2);
    else if (rest.startsWith("../")) {
      rest = rest.slice(3);
      // Up to the host: `git@host:a/b` has a colon there.
      from = from.replace(/(?:(?<![:/])\/[^/]*|(?<=:)[^/:]*)$/, "");
    } else break;
  }
  return `${from}${from.endsWith(":") ? "" : "/"}${rest}`.replace(/\/+$/, "");
};

const hostOf = (remote: Remote): string | null =>
  "host" in remote ? remote.host.replace(/:\d+$/, "") : null;

/** The same repository by the rig's own way to its host, for which the rig may have a credential. */
const byOwnWay = (own: Remote, other: Remote): string => {
  if (hostOf(own) === null || hostOf(own) !== hostOf(other)) return other.url;
  const path = other.url.includes("://")
    ? new URL(other.url).pathname.slice(1)
    : other.url.replace(/^[^:]*:/, "");
  if ("origin" in own && other.protocol === "ssh") return `${own.origin}/${path}`;
  if (own.protocol !== "ssh" || !("origin" in other)) return other.url;
  const before = /^(?:ssh:\/\/[^/]*\/|[^:]*:)/.exec(own.url)?.[0] ?? "";
  return `${before}${path}`;
};

/**
 * A session for a submodule's repository.
 *
 * @param session of the repository that names it
 * @throws GitFault of kind `address` if Curfew can't or mustn't go there
 */
export const submoduleSession = (session: Session, address: string): Session => {
  const { remote } = session;
  const sub = session.elsewhere(byOwnWay(remote, parseRemote(resolveAddress(remote.url, address))));
  if (sub.remote.protocol === "file" && remote.protocol !== "file") {
    throw new GitFault("address", `${address} is a path, and the rig's repository isn't on this machine.`);
  }
  if (sub.remote.protocol === "ssh" && !isSameHost(remote, sub.remote)) {
    throw new GitFault("address", `${address} is reached by ssh, for which the rig has no key on that host.`);
  }
  return sub;
};
