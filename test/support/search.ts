import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const filesUnder = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [path];

/**
 * The regular files at or below a path whose name or content holds the text; those that go meanwhile are
 * passed over.
 */
export const filesHolding = (path: string, text: string): string[] =>
  filesUnder(path).filter((file) => {
    try {
      return file.includes(text) || readFileSync(file).includes(text);
    } catch {
      return false;
    }
  });
