import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { ROOT } from "../root.ts";
import { Failure } from "./failure.ts";
import type { RunningEngine } from "./running-engine.ts";

/** The one that miniflare of the pinned wrangler names; it exports neither name nor pull. */
const SIDE_CAR_IMAGE =
  "cloudflare/proxy-everything:3cb1195@sha256:0ef6716c52430096900b150d84a3302057d6cd2319dae7987128c85d0733e3c8";
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** @returns what it printed @throws Failure that begins with `what` */
const docker = async (what: string, args: readonly string[], signal?: AbortSignal): Promise<string> => {
  try {
    const options = { cwd: ROOT, maxBuffer: OUTPUT_MAX_BYTES, ...(signal && { signal }) };
    return (await promisify(execFile)("docker", [...args], options)).stdout.trim();
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Failure(`${what}: ${stderr?.trim().slice(-2000) || message}`);
  }
};

/** Containers of this instance's image: it ends what another start, which was killed, has left, too. */
const endContainers = async (image: string): Promise<void> => {
  const ids = await docker("Docker doesn't list its containers", [
    "ps",
    "-aq",
    "--filter",
    `ancestor=${image}`,
  ]);
  if (ids === "") return;
  await docker("Docker doesn't end its containers", ["rm", "--force", ...ids.split(/\s+/)]);
};

/**
 * Makes Docker ready to run containers: the image is built, the side car's is pulled.
 *
 * @param stateFolder each has an image of its own name, so that instances don't end each other's containers
 * @throws Failure if Docker doesn't answer or doesn't get an image
 */
export const startDocker = async (
  stateFolder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<RunningEngine> => {
  const image = `curfew:${createHash("sha256").update(stateFolder).digest("hex").slice(0, 12)}`;
  const context = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  await docker("CURFEW_ENGINE is docker, but Docker does not answer", ["version"], signal);
  const address =
    process.env["DOCKER_HOST"] || (await docker("Docker doesn't say where it is", context, signal));
  await endContainers(image);
  say("Building the containers' image …");
  const build = ["build", "--tag", image, "--file", "container/Dockerfile", "."];
  await docker("The containers' image can't be built", build, signal);
  await docker("The image of containers' side cars can't be pulled", ["pull", SIDE_CAR_IMAGE], signal);
  return {
    address,
    sideCarImage: SIDE_CAR_IMAGE,
    image,
    environment: {},
    close: () => endContainers(image),
  };
};
