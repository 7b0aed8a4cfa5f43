// `node scripts/build/bundle.ts <name>`: makes one bundle. A process of its own, so that the bundler is
// gone when it is made; it imports nothing that the build of the container's image would have to install
// beside the bundler.
import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { ROOT } from "../root.ts";
import { type Bundle, BUNDLES, DIST, isBundle } from "./bundles.ts";

const OPTIONS = {
  node: {
    platform: "node",
    target: "node24",
  },
  workerd: {
    platform: "browser",
    target: "es2024",
    // As wrangler resolves what it bundles.
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
  },
} as const satisfies Record<Bundle["runsIn"], BuildOptions>;

/** Whole or not at all: what runs may be started anew from the file at any time. */
const put = async (path: string, content: Uint8Array): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, content);
  await rename(beside, path);
};

/**
 * Makes a bundle in `folder`.
 *
 * @throws Error if it doesn't build, or holds a module of ours from outside its sources: whether it is
 *   stale is told by those alone
 */
export const makeBundle = async (bundle: Bundle, folder: string): Promise<void> => {
  const { entries, assets, sources, runsIn, external } = bundle;
  const { outputFiles, metafile } = await build({
    ...OPTIONS[runsIn],
    absWorkingDir: ROOT,
    entryPoints: { ...entries },
    outdir: folder,
    bundle: true,
    format: "esm",
    keepNames: true,
    external: ["node:*", "cloudflare:*", ...external],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const ours = Object.keys(metafile.inputs).filter((path) => !/(^|\/)node_modules\//.test(path));
  const stray = ours.find((path) => !sources.some((one) => path.startsWith(`${one}/`)));
  if (stray !== undefined) {
    throw new Error(
      `The bundle ${bundle.name} holds ${stray}, which is not among its sources (${sources.join(", ")}).`,
    );
  }
  for (const { path, contents } of outputFiles) await put(path, contents);
  for (const asset of assets) await copyFile(join(ROOT, asset), join(folder, basename(asset)));
};

if (import.meta.main) {
  const [name = ""] = process.argv.slice(2);
  if (!isBundle(name))
    throw new Error(`Usage: node scripts/build/bundle.ts ${Object.keys(BUNDLES).join("|")}`);
  try {
    await makeBundle(BUNDLES[name], join(DIST, name));
  } catch (error) {
    // The bundler has said itself what is wrong with a source.
    if (!(error instanceof Error && "errors" in error)) console.error(error);
    process.exitCode = 1;
  }
}
