import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Credential } from "../../src/protocol/rig.ts";
import { shellWord } from "./git-config.ts";
import type { Remote } from "./remote.ts";

type Token = Extract<Credential, { kind: "token" }>;

/** The script that git runs to ask for a token. */
export const CREDENTIAL_HELPER = fileURLToPath(new URL("credential-helper.sh", import.meta.url));

/** Whether git's question (`key=value` lines) is about the rig's own host, by the rig's own protocol. */
export const asksFor = (question: readonly string[], remote: Remote): boolean => {
  const asked = new Map(
    question.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const origin = `${asked.get("protocol")}://${asked.get("host")}`;
  return "origin" in remote && URL.canParse(origin) && new URL(origin).origin === remote.origin;
};

/**
 * Answers the questions that come over a git command's file descriptor 3. A question about another
 * host (a redirect, a submodule) gets an empty answer, and git goes on without a credential.
 */
export const answerQuestions = (socket: Duplex, remote: Remote, { username, token }: Token): void => {
  let question: string[] = [];
  createInterface({ input: socket }).on("line", (line) => {
    if (line !== "") {
      question.push(line);
      return;
    }
    const known = asksFor(question, remote);
    question = [];
    socket.write(known ? `username=${username}\npassword=${token}\n\n` : "\n");
  });
};

/** What ssh is told, whatever this machine's user has set up for themself. */
const SSH = [
  "-F /dev/null",
  "-o BatchMode=yes",
  "-o IdentitiesOnly=yes",
  "-o IdentityAgent=none",
  "-o StrictHostKeyChecking=accept-new",
  "-o ConnectTimeout=30",
  "-o LogLevel=ERROR",
].join(" ");

/** The value of `GIT_SSH_COMMAND`; without a key file, no key at all is offered. */
export const sshCommand = (knownHosts: string, keyFile: string | null): string =>
  [
    "ssh",
    SSH,
    // Quoted twice: once for the shell, once for ssh, which takes a blank as the end of a file name.
    `-o UserKnownHostsFile=${shellWord(`"${knownHosts}"`)}`,
    keyFile === null ? "-o PubkeyAuthentication=no" : `-i ${shellWord(keyFile)}`,
  ].join(" ");

/** Runs a job while a private key is in a file that nobody else may read; it is gone afterwards. */
export const withKeyFile = async <T>(
  folder: string,
  privateKey: string,
  job: (keyFile: string) => Promise<T>,
): Promise<T> => {
  const own = await mkdtemp(join(folder, "key-"));
  try {
    const keyFile = join(own, "key");
    // OpenSSH takes a key only with its last line break.
    const text = `${privateKey.replaceAll("\r\n", "\n").trimEnd()}\n`;
    await writeFile(keyFile, text, { mode: 0o600 });
    return await job(keyFile);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
};
