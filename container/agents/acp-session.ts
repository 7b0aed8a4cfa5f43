import * as acp from "@agentclientprotocol/sdk";
import { allow } from "./permission.ts";

/** What an agent is given when its session begins. */
export interface SessionOptions {
  /** Absolute. */
  readonly cwd: string;
  readonly mcpServers: acp.McpServer[];
}

export type Update = (update: acp.SessionUpdate) => void;

interface Turn {
  readonly update: Update;
  readonly done: (response: acp.PromptResponse) => void;
  readonly fail: (error: unknown) => void;
}

/** One agent on the other end of a stream, with one session. */
export class AcpSession {
  readonly #connection: acp.ClientConnection;
  readonly #session: acp.ActiveSession;
  #turn: Turn | null = null;

  private constructor(connection: acp.ClientConnection, session: acp.ActiveSession) {
    this.#connection = connection;
    this.#session = session;
    void this.#pump();
  }

  /** @throws if the agent answers with an error, or the stream ends */
  static async open(stream: acp.Stream, { cwd, mcpServers }: SessionOptions): Promise<AcpSession> {
    const connection = acp
      .client({ name: "curfew" })
      .onRequest(acp.methods.client.session.requestPermission, ({ params }) => ({
        outcome: allow(params.options),
      }))
      .connect(stream);
    // No file system and no terminal of ours: the agent has its own, where it is contained.
    await connection.agent.request(acp.methods.agent.initialize, {
      protocolVersion: acp.PROTOCOL_VERSION,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "curfew", version: "1" },
    });
    // Named one by one: the SDK sends whatever it is given.
    const session = await connection.agent.buildSession({ cwd, mcpServers }).start();
    return new AcpSession(connection, session);
  }

  /**
   * One turn. Every update that the agent sent before its answer is told before this resolves.
   *
   * @throws acp.RequestError if the agent answers with an error, or another error if the stream ends
   */
  prompt(blocks: acp.ContentBlock[], update: Update): Promise<acp.PromptResponse> {
    const { signal } = this.#connection;
    return new Promise((done, fail) => {
      if (signal.aborted) return fail(signal.reason);
      this.#turn = { update, done, fail };
      // Its outcome comes through the pump, in order with the updates.
      this.#session.prompt(blocks).catch(() => {});
    });
  }

  /** Asks the agent to end its turn; the prompt is answered with `cancelled`. */
  cancel(): void {
    const { sessionId } = this.#session;
    const cancelled = this.#connection.agent.notify(acp.methods.agent.session.cancel, { sessionId });
    cancelled.catch(() => {}); // The stream has ended, and the turn with it.
  }

  /** Resolves when the agent can no longer be spoken to. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  /** Fails a turn that waits. */
  close(): void {
    this.#connection.close();
  }

  /**
   * Handlers of single updates may run after the answer to the prompt; the SDK's queue of a session
   * holds both, in the order of arrival. What comes between turns belongs to none and is dropped.
   */
  async #pump(): Promise<void> {
    for (;;) {
      try {
        const message = await this.#session.nextUpdate();
        if (message.kind === "session_update") this.#turn?.update(message.update);
        else this.#end()?.done(message.response);
      } catch (error) {
        this.#end()?.fail(error);
        if (this.#connection.signal.aborted) return;
      }
    }
  }

  #end(): Turn | null {
    const turn = this.#turn;
    this.#turn = null;
    return turn;
  }
}
