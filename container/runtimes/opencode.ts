import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import * as v from "valibot";
import type { Launch } from "../agents/launch.ts";
import type { LaunchContext } from "./launch-context.ts";
import { openAiUrl } from "./model-proxy.ts";

const PROVIDER = "curfew";
const TOKEN = "CURFEW_MODEL_TOKEN";
const PLUGIN = "@opencode-ai/plugin";

const Manifest = v.object({ version: v.string(), bin: v.object({ opencode: v.string() }) });

const beside = createRequire(import.meta.url);

/** The opencode that is installed beside us. */
const installed = (): { program: string; version: string } => {
  const path = beside.resolve("opencode-ai/package.json");
  const { version, bin } = v.parse(Manifest, JSON.parse(readFileSync(path, "utf8")));
  return { program: join(dirname(path), bin.opencode), version };
};

/** Where ripgrep is that is installed beside us; in a container's image it is on the `PATH` anyway. */
const ripgrepFolders = (): string[] => {
  try {
    const { rgPath } = beside("@vscode/ripgrep") as typeof import("@vscode/ripgrep");
    return [dirname(rgPath)];
  } catch {
    return [];
  }
};

/** Everything else that opencode would do by itself is switched off: it talks to the proxy alone. */
const config = (model: string, url: string) => ({
  provider: {
    [PROVIDER]: {
      npm: "@ai-sdk/openai-compatible",
      name: "Curfew",
      options: { baseURL: openAiUrl(url), apiKey: `{env:${TOKEN}}` },
      models: { [model]: { name: model } },
    },
  },
  enabled_providers: [PROVIDER],
  model: `${PROVIDER}/${model}`,
  small_model: `${PROVIDER}/${model}`,
  permission: "allow",
  autoupdate: false,
  share: "disabled",
  snapshot: false,
  lsp: false,
  formatter: false,
});

const SWITCHES = {
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
  OPENCODE_DISABLE_CLAUDE_CODE: "1",
} as const;

/**
 * Without these files opencode installs its plugin package from the registry, in the background, at
 * every start in a new home.
 */
const seedPlugin = async (configHome: string, version: string): Promise<void> => {
  const folder = join(configHome, "opencode");
  const dependencies = { [PLUGIN]: version };
  const lock = {
    lockfileVersion: 3,
    packages: { "": { dependencies }, [`node_modules/${PLUGIN}`]: { version } },
  };
  await mkdir(join(folder, "node_modules"), { recursive: true });
  const files = {
    "package.json": { dependencies },
    "package-lock.json": lock,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
};

/** opencode over ACP. Its model is the Worker's proxy, its key the agent's own token. */
export const opencode = async (
  model: string,
  { env, token, url, folders }: LaunchContext,
): Promise<Launch> => {
  const { program, version } = installed();
  await seedPlugin(folders.config, version);
  return {
    command: program,
    args: ["acp"],
    env: {
      ...env,
      ...SWITCHES,
      // Its grep and glob tools look for rg, and would download one.
      PATH: [env["PATH"], ...ripgrepFolders()].filter(Boolean).join(delimiter),
      OPENCODE_CONFIG_CONTENT: JSON.stringify(config(model, url)),
      // Its HTTP server on loopback runs commands for whoever asks: nobody knows this password.
      OPENCODE_SERVER_PASSWORD: randomBytes(24).toString("base64url"),
      [TOKEN]: token,
    },
  };
};
