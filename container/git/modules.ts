import { lstatSync } from "node:fs";
import { join } from "node:path";
import { type ByteName, fieldsOf } from "./names.ts";
import type { Session } from "./session.ts";

/** Where a `.gitmodules` is read from: a file, or a blob of the repository (`<commit>:.gitmodules`). */
type Source = { readonly file: string } | { readonly blob: string };

/** Whether the files of a working copy name submodules. */
export const declaresSubmodules = (directory: string): boolean =>
  lstatSync(join(directory, ".gitmodules"), { throwIfNoEntry: false })?.isFile() === true;

/**
 * The submodules that a `.gitmodules` declares.
 *
 * @returns path → address; empty if there is no such file, or none that git can read
 */
export const readModules = async (
  { git }: Session,
  repository: string,
  source: Source,
): Promise<ReadonlyMap<ByteName, string>> => {
  // A link could lead anywhere.
  if ("file" in source && lstatSync(source.file, { throwIfNoEntry: false })?.isFile() !== true)
    return new Map();
  const from = "file" in source ? `--file=${source.file}` : `--blob=${source.blob}`;
  const ask = ["config", "-z", "--no-includes", from, "--get-regexp", "^submodule\\..*\\.(path|url)$"];
  const { bytes } = await git(ask, { cwd: repository, accept: [0, 1, 3, 128] });
  const paths = new Map<string, ByteName>();
  const urls = new Map<string, string>();
  for (const entry of fieldsOf(bytes)) {
    const [, name, what, value] = /^submodule\.([^]*)\.(path|url)\n([^]*)$/.exec(entry) ?? [];
    if (name === undefined || value === undefined) continue;
    if (what === "path") paths.set(name, value.replace(/\/+$/, "") as ByteName);
    else urls.set(name, Buffer.from(value, "latin1").toString("utf8"));
  }
  return new Map(
    [...paths].flatMap(([name, path]) => (urls.has(name) ? [[path, urls.get(name) ?? ""]] : [])),
  );
};
