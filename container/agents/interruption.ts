/** The reason that a turn's signal is aborted with. */
export class Interruption extends Error {
  /** Whether the agent's process goes with its turn, instead of being asked to end that. */
  readonly endsProcess: boolean;
  constructor(message: string, endsProcess: boolean) {
    super(message);
    this.name = "Interruption";
    this.endsProcess = endsProcess;
  }
}
