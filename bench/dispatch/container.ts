// What the bench runs as a container: the real control server, behind a door that says when a request
// arrived. Both are one process, so that it ends as a container does.
import { once } from "node:events";
import { createServer, request } from "node:http";
import { pathToFileURL } from "node:url";
import { CONTROL_SERVER } from "../../scripts/build/bundles.ts";
import { freePort } from "../../test/support/free-port.ts";
import { ARRIVED } from "./arrivals.ts";

const port = Number(process.env["PORT"]);
const inner = await freePort();
process.env["PORT"] = String(inner);

const door = createServer((from, to) => {
  console.log(`${ARRIVED} ${from.url} ${process.hrtime.bigint()}`);
  if (from.url === "/bare") {
    from.resume().once("end", () => to.writeHead(202).end());
    return;
  }
  const { method, url: path, headers } = from;
  const onward = request({ host: "127.0.0.1", port: inner, method, path, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  onward.once("error", () => to.destroy());
  from.pipe(onward);
});

await import(pathToFileURL(CONTROL_SERVER).href);
door.listen(port, "127.0.0.1");
await once(door, "listening");
