/** How to start an agent's process. Secrets are in `env` only, where other users can't read them. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
