import { readConfig, SHORTEST } from "./config.ts";
import type { Env } from "./env.ts";

const faultOf = (name: keyof typeof SHORTEST, value: unknown): string | null => {
  if (value === undefined || value === "")
    return `${name} is not set: without it nobody could be told apart.`;
  const fits = typeof value === "string" && /^\S+$/.test(value) && value.length >= SHORTEST[name];
  return fits ? null : `${name} must be one word of at least ${SHORTEST[name]} characters.`;
};

const faultOfDurations = (env: Env): string | null => {
  try {
    readConfig(env);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

/**
 * What is wrong with the settings that requests are judged by. A binding that is missing is `undefined`
 * whatever its type says, and compares and signs as the word `undefined`, which anybody can send.
 *
 * @returns a sentence that names the first setting that is no good, and never shows a secret; `null` if all are
 */
export const settingsFault = (env: Env): string | null =>
  faultOf("CURFEW_TOKEN", env.CURFEW_TOKEN) ??
  faultOf("CURFEW_SECRET", env.CURFEW_SECRET) ??
  faultOfDurations(env);
