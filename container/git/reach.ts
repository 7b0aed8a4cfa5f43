import { createHash } from "node:crypto";
import { lstatSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type ByteName, bytesOf, textOf } from "./names.ts";
import type { Session } from "./session.ts";

/**
 * A path by which a program can be sent to a folder. Its arguments and its working folder can only be text, so a
 * folder whose name is none is reached through a link.
 */
export const reach = ({ folder }: Session, place: ByteName): string => {
  const text = textOf(place);
  if (text !== null) return text;
  const link = join(folder, `link-${createHash("sha256").update(place).digest("hex").slice(0, 32)}`);
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(bytesOf(place), link);
  return link;
};
