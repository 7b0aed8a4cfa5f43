import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asksFor } from "../../container/git/credential.ts";
import { faultOf } from "../../container/git/fault.ts";
import { KeyedQueue } from "../../container/git/keyed-queue.ts";
import { parseRemote } from "../../container/git/remote.ts";
import { lastLines, scrub, secretsOf } from "../../container/git/scrub.ts";
import { Tail } from "../../container/git/tail.ts";
import { someOf, subject, timeSpan } from "../../container/git/words.ts";

const never = (): AbortSignal => new AbortController().signal;

describe("the tail of a stream", () => {
  test("is its last bytes, however it comes in pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 20 })),
        fc.integer({ min: 1, max: 40 }),
        (pieces, limit) => {
          const ascii = pieces.map((piece) => piece.replace(/[^ -~]/g, "."));
          const tail = new Tail(limit);
          for (const piece of ascii) tail.push(Buffer.from(piece));
          expect(tail.text()).toBe(ascii.join("").slice(-limit));
        },
      ),
    );
  });

  test("doesn't begin within a character", () => {
    const tail = new Tail(4);
    tail.push(Buffer.from("a€€"));
    expect(tail.text()).toBe("€");
  });
});

describe("jobs of a keyed queue", () => {
  test("of one key run one at a time and in order, whichever give up waiting", async () => {
    const step = fc.record({ key: fc.constantFrom("a", "b"), turns: fc.nat(3), givesUp: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const queue = new KeyedQueue();
        const running = new Set<string>();
        const order: Record<string, number[]> = { a: [], b: [] };
        const ends = steps.map(({ key, turns, givesUp }, index) => {
          const abort = new AbortController();
          const end = queue.run(key, abort.signal, async () => {
            expect(running.has(key)).toBe(false);
            running.add(key);
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            order[key]?.push(index);
            running.delete(key);
            if (turns === 3) throw new Error("a job may fail");
          });
          if (givesUp) abort.abort();
          return end.then(
            () => "done",
            ({ name, message }: Error) => (name === "AbortError" ? "gave up" : message),
          );
        });
        expect(await Promise.all(ends)).toEqual(
          steps.map(({ turns, givesUp }) => (givesUp ? "gave up" : turns === 3 ? "a job may fail" : "done")),
        );
        for (const key of ["a", "b"]) {
          const due = steps.flatMap((step, index) => (step.key === key && !step.givesUp ? [index] : []));
          expect(order[key]).toEqual(due);
        }
      }),
    );
  });

  test("of different keys run side by side", async () => {
    const queue = new KeyedQueue();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waits = queue.run("a", never(), () => promise.then(() => "done"));
    await queue.run("b", never(), async () => resolve());
    expect(await waits).toBe("done");
  });
});

describe("a git address", () => {
  test.each([
    [
      "https://example.org/a/b.git",
      { protocol: "https", host: "example.org", origin: "https://example.org" },
    ],
    [
      "https://example.org:8443/a",
      { protocol: "https", host: "example.org:8443", origin: "https://example.org:8443" },
    ],
    ["http://localhost:3000/a", { protocol: "http", host: "localhost:3000" }],
    ["http://[::1]:3000/a", { protocol: "http", host: "[::1]:3000" }],
    ["ssh://git@example.org:22/a", { protocol: "ssh", host: "example.org" }],
    ["git@example.org:a/b.git", { protocol: "ssh", host: "example.org" }],
    ["file:///a%20b/c", { protocol: "file", folder: "/a b/c" }],
    ["/a/b", { protocol: "file", folder: "/a/b" }],
  ])("%s is understood", (url, expected) => {
    expect(parseRemote(url)).toMatchObject({ ...expected, url });
  });
});

describe("a question for a credential", () => {
  const remote = parseRemote("https://example.org/a.git");
  test.each([
    [["protocol=https", "host=example.org"], true],
    [["protocol=https", "host=example.org:443", "path=a.git"], true],
    [["protocol=http", "host=example.org"], false],
    [["protocol=https", "host=example.org.evil.net"], false],
    [["protocol=https", "host=example.org:8443"], false],
    [["protocol=https", "host=evil.net", "host=example.org", "host=evil.net"], false],
    [["protocol=https"], false],
    [[], false],
  ])("%j: %s", (question, answered) => {
    expect(asksFor(question, remote)).toBe(answered);
  });

  test("is never answered for a repository on this machine", () => {
    expect(asksFor(["protocol=file", "host="], parseRemote("/a/b"))).toBe(false);
  });
});

describe("what git said", () => {
  test("is shown without secrets in any of their forms", () => {
    const credential = { kind: "token", username: "me", token: "a b/c" } as const;
    const said = `a b/c, a%20b%2Fc, ${btoa("a b/c")}, ${btoa("me:a b/c")}, https://me:x@example.org/`;
    expect(scrub(said, secretsOf(credential))).toBe("***, ***, ***, ***, https://***@example.org/");
    const ssh = { kind: "ssh", privateKey: "-----BEGIN-----\nAAAA\nBBBB\n-----END-----\n" } as const;
    expect(scrub("Load key: AAAA BBBB", secretsOf(ssh))).toBe("Load key: *** ***");
  });

  test("is cut to its last lines", () => {
    expect(lastLines("1\n2\n\n3\r4\n5\n6\n")).toBe("2 · 3 · 4 · 5 · 6");
    expect(lastLines("x".repeat(600))).toHaveLength(500);
  });

  const at = { shown: "https://example.org/a.git", host: "example.org", hasCredential: true };
  test.each([
    ["fatal: unable to access '…': Could not resolve host: example.org", "unreachable"],
    [
      "ssh: connect to host example.org port 22: Connection refused\nfatal: Could not read from remote repository.",
      "unreachable",
    ],
    ["error: RPC failed; curl 18 transfer closed\nfatal: early EOF", "unreachable"],
    ["fatal: unable to access '…': The requested URL returned error: 502", "unreachable"],
    [
      "git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.",
      "denied",
    ],
    [
      "remote: Invalid username or token.\nfatal: Authentication failed for 'https://example.org/a.git/'",
      "denied",
    ],
    [
      "remote: Permission to a/b.git denied to c.\nfatal: unable to access '…': The requested URL returned error: 403",
      "denied",
    ],
    [
      "fatal: unable to access '…': SSL certificate problem: unable to get local issuer certificate",
      "denied",
    ],
    ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", "denied"],
    ["ERROR: Repository not found.\nfatal: Could not read from remote repository.", "absent"],
    ["fatal: https://example.org/a.git/info/refs not valid: is this a git repository?", "absent"],
    ["fatal: write error: No space left on device", "failed"],
    [
      "fatal: unable to read 218acde5\nremote: aborting due to possible repository corruption on the remote side.\nfatal: early EOF",
      "failed",
    ],
    ["fatal: something new", "failed"],
  ])("%j is %s", (said, kind) => {
    const fault = faultOf("fetch", said, true, at);
    expect(fault.kind).toBe(kind);
    expect(fault.message).toMatch(/\S.*[^.]\.?$/);
  });

  test("of a command that stayed at home is not taken for the repository's", () => {
    const fault = faultOf("add", 'error: open("x"): Permission denied', false, at);
    expect(fault).toMatchObject({
      kind: "failed",
      message: 'git add failed: error: open("x"): Permission denied',
    });
  });
});

describe("words", () => {
  test("name some of many", () => {
    expect(someOf(["a", "b"], 2)).toBe("a, b");
    expect(someOf(["a", "b", "c"], 1)).toBe("a and 2 more");
  });

  test("of a title fit on one line", () => {
    expect(subject(" a\n\tb\u0000c ")).toBe("a b c");
  });

  test("give a span of time in its own unit", () => {
    expect([timeSpan(600_000), timeSpan(90_000), timeSpan(300)]).toEqual(["10 min", "90 s", "0.3 s"]);
  });
});
