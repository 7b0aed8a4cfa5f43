/** Thrown by `alive()`: the room is not alive, and whatever was asked for changed nothing. */
export class RoomGone extends Error {
  readonly state: "unborn" | "dying" | "dead";
  constructor(state: "unborn" | "dying" | "dead") {
    super(state === "unborn" ? "This never existed." : "This is gone.");
    this.name = "RoomGone";
    this.state = state;
  }
}
