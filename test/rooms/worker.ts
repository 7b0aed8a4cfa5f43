// The Worker as `test/rooms` runs it: everything real but the container's object.
export { Agent } from "../../parties/agent.ts";
export { Town } from "../../parties/town.ts";
export { User } from "../../parties/user.ts";
export { default } from "../../src/worker.ts";
export { TownContainer } from "./town-container.ts";
