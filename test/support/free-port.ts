export { freePort } from "../../scripts/start/ports.ts";
