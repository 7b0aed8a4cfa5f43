import { ask } from "../ask.ts";
import type { Late } from "./late.ts";
import type { Remembered } from "./remembered.ts";

const http = (method: string, path: string, wanted: number, body?: object): Late => ({
  kind: "HTTP",
  what: `${method} ${path}`,
  wanted,
  send: async () => {
    const response = await ask(path, { method, ...(body && { body: JSON.stringify(body) }) });
    await response.body?.cancel();
    return response.status;
  },
});

/** All that a page or a script may ask of a town. */
export const overHttp = ({ town }: Remembered): Late[] => {
  const at = `/api/towns/${town}`;
  return [
    http("GET", at, 410),
    http("PATCH", at, 410, { name: "Lazarus", sleepAfter: "5s" }),
    http("DELETE", at, 202),
    http("GET", `${at}/receipt`, 200),
    http("GET", `${at}/receipt?verify=1`, 200),
    http("GET", `${at}/rigs`, 410),
    http("POST", `${at}/rigs`, 410, { name: "late", gitUrl: "https://git.example/late.git" }),
    http("DELETE", `${at}/rigs/repo`, 410),
    http("GET", `${at}/beads`, 410),
    http("POST", `${at}/beads`, 410, { rig: "repo", title: "Late", key: "late" }),
    http("GET", `${at}/beads/b1`, 410),
    http("POST", `${at}/beads/b1/cancel`, 410),
    http("POST", `${at}/beads/b1/retry`, 410),
    http("GET", `${at}/beads/b1/diff`, 410),
    http("GET", `${at}/beads/b1/gates`, 410),
    http("GET", `${at}/beads/b1/runs`, 410),
    http("GET", `${at}/agents`, 410),
    http("GET", `${at}/agents/mayor`, 410),
    http("GET", `${at}/agents/polecat-1/transcript`, 410),
    http("GET", `${at}/activity`, 410),
    http("POST", `${at}/mayor/messages`, 410, { id: "late", text: "Are you there?" }),
    http("POST", `${at}/mayor/messages`, 410, { id: "m1", text: "Hello?" }),
    http("GET", `${at}/mayor/messages?after=0`, 410),
    http("POST", `${at}/mayor/cancel`, 410),
    http("GET", `/api/admin/rooms/Town/${town}`, 200),
    http("GET", `/api/admin/rooms/Agent/${town}.mayor`, 200),
  ];
};
