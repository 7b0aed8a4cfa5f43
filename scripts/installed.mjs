import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} Package
 * @typedef {{ packages?: Record<string, Package> }} Lock
 */

/** @type {(path: string) => Lock | null} */
const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
};

/**
 * Whether what is installed is what is locked. Optional packages may be missing (they are other
 * platforms'), nothing else may be, and nothing may be of another version.
 *
 * @param {Lock} wanted `package-lock.json`
 * @param {Lock} present `node_modules/.package-lock.json`, which npm writes at the end of an install
 * @returns {boolean}
 */
export const matches = (wanted, present) => {
  const locked = Object.entries(wanted.packages ?? {}).filter(([path]) => path !== "");
  const installed = present.packages ?? {};
  return (
    locked.every(([path, { version, integrity, optional }]) => {
      const found = installed[path];
      if (!found) return optional === true;
      return found.version === version && found.integrity === integrity;
    }) && Object.keys(installed).every((path) => wanted.packages?.[path])
  );
};

/**
 * Whether the packages in the folder `root` are the ones of its lock, with Node 24 among them.
 *
 * @param {string} root
 * @returns {boolean}
 */
export const isInstalled = (root) => {
  const wanted = read(join(root, "package-lock.json"));
  const present = read(join(root, "node_modules", ".package-lock.json"));
  return (
    wanted !== null &&
    present !== null &&
    matches(wanted, present) &&
    existsSync(join(root, "node_modules", ".bin", "node"))
  );
};
